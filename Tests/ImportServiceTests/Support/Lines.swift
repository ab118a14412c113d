import ImportCore
import ImportRuntime
import ImportService
import Synchronization

/// Keeps the lines of the log.
final class Lines: Log {
  private let state = Mutex([LogEvent]())
  private let arrivals = Mailbox<LogEvent>()

  func write(_ event: LogEvent) {
    state.withLock { $0.append(event) }
    arrivals.put(event)
  }

  /// Waits for lines of one kind that were not waited for yet; false if too few come. Lines before them are passed over.
  func tell(_ kind: LogKind, times: Int = 1) async -> Bool {
    for _ in 0..<times {
      guard await arrivals.next(where: { $0.kind == kind }) != nil else { return false }
    }
    return true
  }

  /// Waits for a line of one of these kinds, as ``tell(_:times:)`` does.
  func tell(where kinds: [LogKind]) async -> Bool {
    await arrivals.next(where: { kinds.contains($0.kind) }) != nil
  }

  /// All that was written.
  var all: [LogEvent] { state.withLock { $0 } }

  /// Those of one kind.
  func of(_ kind: LogKind) -> [LogEvent] { all.filter { $0.kind == kind } }

  /// As a person reads it, for the comment of a failed expectation.
  var text: String { all.map(\.line).joined(separator: "\n") }
}
