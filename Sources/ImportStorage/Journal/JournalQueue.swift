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

/// What was recorded and is not written yet, and who waits for what. A value; ``JournalMemory`` guards it.
struct JournalQueue {
  /// Number of the last record that is on the disk.
  private(set) var durable: Int64
  /// Number of the last record that somebody wants to be.
  private var wanted: Int64
  private var pending: [JournalRecord] = []
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

  mutating func add(_ record: JournalRecord) { pending.append(record) }

  mutating func wantDurable(_ sequence: Int64) { wanted = max(wanted, sequence) }

  private var hasWork: Bool { failure == nil && (!pending.isEmpty || wanted > durable) }

  mutating func needsWriter() -> Bool {
    guard hasWork, !hasWriter else { return false }
    hasWriter = true
    return true
  }

  /// All that is not written yet; `last` is the number of the last record. Nil if there is nothing to do; with `orLeave` the
  /// writer has left then.
  mutating func takeWork(last: Int64, orLeave: Bool) -> JournalBatch? {
    guard hasWork else {
      if orLeave { hasWriter = false }
      return nil
    }
    defer { pending = [] }
    var records = pending
    for index in records.indices { records[index].synced = durable }
    return JournalBatch(records: records, last: last, mustBeDurable: wanted > durable)
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

  mutating func fail(_ failure: JournalFailure) -> ([Listener], [CheckedContinuation<Void, Never>]) {
    self.failure = failure
    defer {
      listeners = []
      held = []
    }
    return (listeners.map(\.tell), held)
  }
}
