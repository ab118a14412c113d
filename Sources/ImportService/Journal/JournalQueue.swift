import ImportCore
import ImportSystem

/// Records that are written together.
struct JournalBatch {
  var records: [JournalRecord]
  /// Number of the last record there is, in this batch or before it.
  var last: Int64
  /// True if somebody waits until they are on the disk.
  var mustBeDurable: Bool

  /// The lines of the file.
  var lines: [UInt8] {
    var lines: [UInt8] = []
    for record in records { JournalLine.append(record, to: &lines) }
    return lines
  }
}

/// What whoever writes has to do next.
enum JournalWork {
  case write(JournalBatch)
  /// What the next record builds on will never be on the disk.
  case fail(SystemError)
}

/// A record that is not written yet.
private struct Pending {
  var record: JournalRecord
  var prerequisites: [Prerequisite]

  var isBlocked: Bool {
    prerequisites.contains { if case .open = $0.state { true } else { false } }
  }

  /// Why it must never be written.
  var failure: SystemError? {
    prerequisites.lazy.compactMap { if case .failed(let error) = $0.state { error } else { nil } }.first
  }
}

/// What was recorded and is not written yet, and who waits for what. A value; ``JournalMemory`` guards it.
struct JournalQueue {
  /// Number of the last record that is on the disk.
  private(set) var durable: Int64
  /// Number of the last record that somebody wants to be.
  private var wanted: Int64
  private var pending: [Pending] = []
  private var hasWriter = false
  private(set) var failure: JournalFailure?
  /// Told that a record is on the disk, or why it never will be.
  typealias Listener = @Sendable (JournalFailure?) -> Void
  /// Who is to be told of which record.
  var listeners: [(sequence: Int64, tell: Listener)] = []
  /// How often it was asked that nothing is added.
  var holds = 0
  /// Who waits until something may be.
  var held: [CheckedContinuation<Void, Never>] = []

  /// Begins with a file that is on the disk as a whole, up to this number.
  init(durable: Int64) {
    self.durable = durable
    wanted = durable
  }

  var isHeld: Bool { holds > 0 }

  mutating func add(_ record: JournalRecord, once prerequisites: [Prerequisite]) {
    pending.append(Pending(record: record, prerequisites: prerequisites))
  }

  mutating func wantDurable(_ sequence: Int64) { wanted = max(wanted, sequence) }

  /// False while the next record may not be written yet: who settles that looks again.
  private var hasWork: Bool {
    guard failure == nil else { return false }
    guard let first = pending.first else { return wanted > durable }
    return !first.isBlocked || mustSync(before: first)
  }

  /// True if what was written before a record is still to be made durable.
  private func mustSync(before next: Pending) -> Bool {
    wanted > durable && next.record.sequence - 1 > durable
  }

  /// True if nothing is to be written, now or later.
  var isEmpty: Bool { pending.isEmpty }

  mutating func needsWriter() -> Bool {
    guard hasWork, !hasWriter else { return false }
    hasWriter = true
    return true
  }

  /// The records up to the first that may not be written yet; `last` is the number of the last that was recorded.
  mutating func takeWork(last: Int64, orLeave: Bool) -> JournalWork? {
    guard hasWork else {
      if orLeave { hasWriter = false }
      return nil
    }
    if let first = pending.first {
      if let error = first.failure { return .fail(error) }
      if first.isBlocked {
        return .write(JournalBatch(records: [], last: first.record.sequence - 1, mustBeDurable: true))
      }
    }
    let end = pending.firstIndex { $0.isBlocked || $0.failure != nil } ?? pending.endIndex
    var records = pending[..<end].map(\.record)
    pending.removeFirst(end)
    for index in records.indices { records[index].synced = durable }
    return .write(
      JournalBatch(
        records: records, last: pending.first.map { $0.record.sequence - 1 } ?? last,
        mustBeDurable: wanted > durable))
  }

  mutating func becameDurable(_ sequence: Int64) -> [Listener] {
    durable = max(durable, sequence)
    wanted = max(wanted, durable)
    let done = listeners.filter { $0.sequence <= durable }.map(\.tell)
    listeners.removeAll { $0.sequence <= durable }
    return done
  }

  mutating func release() -> [CheckedContinuation<Void, Never>] {
    holds -= 1
    guard holds == 0 else { return [] }
    defer { held = [] }
    return held
  }

  mutating func fail(_ failure: JournalFailure) -> (
    [Listener], [CheckedContinuation<Void, Never>]
  ) {
    self.failure = failure
    defer {
      listeners = []
      held = []
    }
    return (listeners.map(\.tell), held)
  }
}
