import ImportCore
import ImportService
import Synchronization

/// Keeps the lines of the log.
final class Lines: Log {
  private let state = Mutex([LogEvent]())
  func write(_ event: LogEvent) { state.withLock { $0.append(event) } }

  /// All that was written.
  var all: [LogEvent] { state.withLock { $0 } }

  /// Those of one kind.
  func of(_ kind: LogKind) -> [LogEvent] { all.filter { $0.kind == kind } }

  /// As a person reads it, for the comment of a failed expectation.
  var text: String { all.map(\.line).joined(separator: "\n") }
}
