import ImportCore

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
  /// Who waits until a record is on the disk.
  var waiters: [(sequence: Int64, continuation: CheckedContinuation<JournalFailure?, Never>)] = []
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

  mutating func takeBatch(last: Int64, orLeave: Bool) -> JournalBatch? {
    guard hasWork else {
      if orLeave { hasWriter = false }
      return nil
    }
    defer { pending = [] }
    for index in pending.indices { pending[index].synced = durable }
    return JournalBatch(records: pending, last: last, mustBeDurable: wanted > durable)
  }

  mutating func becameDurable(_ sequence: Int64) -> [CheckedContinuation<JournalFailure?, Never>] {
    durable = max(durable, sequence)
    wanted = max(wanted, durable)
    let done = waiters.filter { $0.sequence <= durable }.map(\.continuation)
    waiters.removeAll { $0.sequence <= durable }
    return done
  }

  mutating func release() -> [CheckedContinuation<Void, Never>] {
    holds -= 1
    guard holds == 0 else { return [] }
    defer { held = [] }
    return held
  }

  mutating func fail(_ failure: JournalFailure) -> (
    [CheckedContinuation<JournalFailure?, Never>], [CheckedContinuation<Void, Never>]
  ) {
    self.failure = failure
    defer {
      waiters = []
      held = []
    }
    return (waiters.map(\.continuation), held)
  }
}
