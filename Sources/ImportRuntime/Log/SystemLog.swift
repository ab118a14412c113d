import Glibc
import ImportSystem

/// Chooses where lines go: to the journal under systemd, to standard error otherwise.
public enum SystemLog {
  /// The log for this process. What is shown begins at `information`, or at what `SYSTEMD_LOG_LEVEL` says (systemd's
  /// own variable: `debug`, `info`, `notice`, `warning`, `err`, `crit`, or a number).
  ///
  /// - Parameter isDaemon: True for the daemon, whose pipe leads to something that supervises it. Another process writes
  ///   priorities only if it is the main process of a unit: cron mails what it prints to a person.
  public static func make(environment: [String: String], isDaemon: Bool) -> any Log {
    let level = environment["SYSTEMD_LOG_LEVEL"].flatMap(level) ?? .information
    if SystemJournal.hasStandardError { return JournalLog(level: level) }
    let isSupervised = isDaemon || environment["SYSTEMD_EXEC_PID"] == "\(getpid())"
    return StandardErrorLog(level: level, hasPriorities: isSupervised && !StandardError.isTerminal)
  }

  /// The log for an administration command, which prints its own results: only warnings and what is graver, as plain lines
  /// without the `<N>` priorities of a service.
  public static func forCommand() -> any Log {
    if SystemJournal.hasStandardError { return JournalLog(level: .information) }
    return StandardErrorLog(level: .warning, hasPriorities: false)
  }

  private static func level(_ text: String) -> LogPriority? {
    let names: [String: LogPriority] = [
      "debug": .debug, "info": .information, "notice": .notice, "warning": .warning, "err": .error,
      "crit": .critical,
    ]
    return names[text] ?? Int(text).flatMap { LogPriority(rawValue: $0) }
  }
}
