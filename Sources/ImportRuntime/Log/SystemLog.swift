import ImportSystem

/// Chooses where lines go: to the journal under systemd, to standard error otherwise.
public enum SystemLog {
  /// The log for this process. What is shown begins at `information`, or at what `SYSTEMD_LOG_LEVEL` says (systemd's
  /// own variable: `debug`, `info`, `notice`, `warning`, `err`, `crit`, or a number).
  public static func make(environment: [String: String]) -> any Log {
    let level = environment["SYSTEMD_LOG_LEVEL"].flatMap(level) ?? .information
    if SystemJournal.hasStandardError { return JournalLog(level: level) }
    return StandardErrorLog(level: level, isTerminal: StandardError.isTerminal)
  }

  /// The log for an administration command, which prints its own results: only warnings and what is graver, as plain lines
  /// without the `<N>` priorities of a service.
  public static func forCommand() -> any Log {
    if SystemJournal.hasStandardError { return JournalLog(level: .information) }
    return StandardErrorLog(level: .warning, isTerminal: true)
  }

  private static func level(_ text: String) -> LogPriority? {
    let names: [String: LogPriority] = [
      "debug": .debug, "info": .information, "notice": .notice, "warning": .warning, "err": .error,
      "crit": .critical,
    ]
    return names[text] ?? Int(text).flatMap { LogPriority(rawValue: $0) }
  }
}
