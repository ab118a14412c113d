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

/// Writes entries to the system's journal with a field for each thing that one may look for: `journalctl
/// HAPLO_SET=…`. The message is the same line that standard error would show.
public struct JournalLog: Log {
  private let level: LogPriority
  private let fallback: StandardErrorLog

  /// Leaves out what is below `level`.
  public init(level: LogPriority) {
    self.level = level
    fallback = StandardErrorLog(level: level, hasPriorities: true)
  }

  public func includes(_ event: LogEvent) -> Bool { event.priority <= level }

  public func write(_ event: LogEvent) {
    guard includes(event) else { return }
    if !SystemJournal.send(event.journalFields) { fallback.write(event) }
  }
}

extension LogEvent {
  /// The entry's fields by the names that haplo-importd(8) lists.
  var journalFields: [(name: String, value: String)] {
    let fixed = [
      ("MESSAGE", line), ("MESSAGE_ID", kind.rawValue), ("PRIORITY", String(priority.rawValue)),
      ("SYSLOG_IDENTIFIER", "haplo-importd"),
    ]
    let own = pairs.compactMap { pair in Self.fieldNames[pair.name].map { ($0, pair.value) } }
    return (fixed + own).map { (name: $0.0, value: $0.1) }
  }

  /// The fields that are there when a line has the pair.
  static let fieldNames = [
    "set": "HAPLO_SET", "source": "HAPLO_SOURCE", "state": "HAPLO_STATE", "batch": "HAPLO_BATCH",
    "outcome": "HAPLO_OUTCOME",
    "step": "HAPLO_STEP",
    "attempt": "HAPLO_ATTEMPT", "file": "HAPLO_FILE", "http": "HTTP_STATUS",
  ]
}

/// Writes lines to standard error: plain ones for a person, or with `<N>` priorities in front, as the service manager
/// understands them (sd-daemon(3)).
public struct StandardErrorLog: Log {
  private let level: LogPriority
  private let hasPriorities: Bool

  /// Leaves out what is below `level`.
  public init(level: LogPriority, hasPriorities: Bool) {
    self.level = level
    self.hasPriorities = hasPriorities
  }

  public func includes(_ event: LogEvent) -> Bool { event.priority <= level }

  public func write(_ event: LogEvent) {
    guard includes(event) else { return }
    StandardError.writeLine(hasPriorities ? "<\(event.priority.rawValue)>\(event.line)" : event.line)
  }
}
