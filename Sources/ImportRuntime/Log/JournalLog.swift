import ImportSystem

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
  /// The entry's fields by the names that INTERFACE fixes.
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
