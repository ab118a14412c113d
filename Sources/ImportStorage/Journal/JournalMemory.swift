public import ImportCore
import ImportRuntime
import Synchronization

/// What the journal's records say, taken together, for everybody to read at any time and without waiting for the thread
/// that writes: an event is in here as soon as it is recorded, which is before it is on the disk. Who acts on something
/// that must be durable learns that by having waited for its own ``Journal/record(_:for:)``. Beside it stands what is
/// still to be written, for a record gets its number, its effect and its place in the file at once.
///
/// Domain: guarded by its mutex, which is held for one look or the records of one
/// call. Only the journal changes it.
final class JournalMemory: Sendable {
  private struct Content {
    var state: JournalState
    var tally = DeliveryTally()
    var queue: JournalQueue

    mutating func take(_ record: JournalRecord) throws(JournalFailure) -> Delivery? {
      let changed: Delivery?
      do { changed = try state.apply(record) } catch { throw .contradiction(error) }
      if case .outcomeSettled(let settled) = record.entry { tally.count(settled) }
      if case .event(let event, _) = record.entry, let changed {
        tally.count(event, changed, at: record.time)
      }
      return changed
    }
  }

  private let content: Mutex<Content>
  /// Signalled when the journal has failed.
  let failures = Latch()

  init(_ state: JournalState) {
    content = Mutex(Content(state: state, queue: JournalQueue(durable: state.sequence)))
  }

  /// All of it, as it is now.
  var state: JournalState { read { $0 } }

  /// What happened to sets since the journal was opened.
  var tally: DeliveryTally { content.withLock { $0.tally } }

  /// Why nothing more is recorded.
  var failure: JournalFailure? { content.withLock { $0.queue.failure } }

  /// Looks something up; a copy of the whole would be paid for by the next record.
  func read<Value: Sendable>(_ body: (borrowing JournalState) -> Value) -> Value {
    content.withLock { body($0.state) }
  }

  /// What became of records.
  enum Admission {
    /// They count and stand in the queue; with the set of the last of them as it is then, and its number.
    case added(Delivery?, last: Int64)
    /// Nothing may be added now (``waitForRelease()``).
    case held
    /// The condition did not hold.
    case outdated
  }

  /// Takes in records, if the condition holds; nobody else's comes between them. Throws if the journal has failed, or at the
  /// first that cannot follow, with that and what comes after it not recorded.
  func add(
    _ entries: [JournalEntry], if isCurrent: (borrowing JournalState) -> Bool = { _ in true },
    _ time: any Time
  ) throws(JournalFailure) -> Admission {
    try content.withLock { content throws(JournalFailure) in
      if let failure = content.queue.failure { throw failure }
      if content.queue.isHeld { return .held }
      guard isCurrent(content.state) else { return .outdated }
      var changed: Delivery?
      for entry in entries {
        let record = JournalRecord(
          sequence: content.state.sequence + 1, synced: content.queue.durable, time: time.now, entry: entry)
        changed = try content.take(record) ?? changed
        content.queue.add(record)
      }
      return .added(changed, last: content.state.sequence)
    }
  }

  /// Takes over what a journal that was made anew says: the same, under later sequence numbers, and durable.
  func replace(with state: JournalState) {
    let listeners = content.withLock { content in
      content.state = state
      return content.queue.becameDurable(state.sequence)
    }
    for listener in listeners { listener(nil) }
  }
}

extension JournalMemory {
  // MARK: Who records

  /// The number of the last record.
  var last: Int64 { read { $0.sequence } }

  /// Wants all records up to this one to be durable.
  func wantDurable(_ last: Int64) { content.withLock { $0.queue.wantDurable(last) } }

  /// Tells as soon as the record with this number is durable, or of the failure that keeps it from being so; on the calling thread
  /// if that is known already.
  func tell(of sequence: Int64, _ listener: @escaping JournalQueue.Listener) {
    let (isOver, failure) = content.withLock { content -> (Bool, JournalFailure?) in
      if content.queue.durable >= sequence { return (true, nil) }
      if let failure = content.queue.failure { return (true, failure) }
      content.queue.listeners.append((sequence, listener))
      return (false, nil)
    }
    if isOver { listener(failure) }
  }

  /// Returns as soon as records may be added again, or never will be.
  func waitForRelease() async {
    await withCheckedContinuation { continuation in
      let isFree = content.withLock { content in
        guard content.queue.isHeld, content.queue.failure == nil else { return true }
        content.queue.held.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  // MARK: Who writes

  /// True if something is to be written and nobody is at it: then the caller sees to that.
  func needsWriter() -> Bool { content.withLock { $0.queue.needsWriter() } }

  /// What is to be done now. Nil if that is nothing; with `orLeave` the writer has left then.
  func takeWork(orLeave: Bool) -> JournalBatch? {
    content.withLock { $0.queue.takeWork(last: $0.state.sequence, orLeave: orLeave) }
  }

  /// Everything up to this number is on the disk.
  func becameDurable(_ sequence: Int64) {
    for listener in content.withLock({ $0.queue.becameDurable(sequence) }) { listener(nil) }
  }

  /// Lets nothing be added until as many calls of ``release()``.
  func hold() { content.withLock { $0.queue.holds += 1 } }

  func release() {
    for waiter in content.withLock({ $0.queue.release() }) { waiter.resume() }
  }

  /// Lets nothing be recorded any more, and everybody know.
  func fail(_ failure: JournalFailure) {
    let (listeners, held) = content.withLock { $0.queue.fail(failure) }
    for listener in listeners { listener(failure) }
    for waiter in held { waiter.resume() }
    failures.signal()
  }
}

extension Journal {
  /// Why nothing more can be recorded; what was recorded and is not durable must not be acted upon then. Nil while it can.
  public var failure: JournalFailure? { memory.failure }

  /// The set as it stands; nil if it is archived or unknown.
  public func delivery(_ set: SetID) -> Delivery? { memory.read { $0.deliveries[set] } }

  /// All sets that are not archived, in the order of arrival.
  public var deliveries: [Delivery] { deliveries { _ in true } }

  /// The sets that are not archived and for which `isWanted` holds, in the order of arrival. No copy is made of the
  /// others: where thousands wait, one of all takes megabytes. `isWanted` must not ask the journal itself, whose mutex is held.
  public func deliveries(where isWanted: (Delivery) -> Bool) -> [Delivery] {
    memory.read { $0.deliveries.values.filter(isWanted) }.sorted { $0.arrival < $1.arrival }
  }

  /// The names of all sets that are not archived, in the order of arrival.
  public var sets: [SetID] {
    memory.read { $0.deliveries.values.map { ($0.arrival, $0.set) } }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// How many sets wait to be scheduled.
  public var waiting: Int { memory.read { $0.queues.values.reduce(0) { $0 + $1.count } } }

  /// How many sets are in each state.
  public func counts(now: Timestamp) -> [SetState: Int] { memory.read { $0.counts(now: now) } }

  /// All that the records say, taken together.
  public var current: JournalState { memory.state }

  /// What happened to sets since the journal was opened.
  public var tally: DeliveryTally { memory.tally }

  /// Names of what is being claimed from a source and may still stand in its drop directory, where a full disk keeps
  /// it: to take it for something new would lose its place.
  public func namesBeingClaimed(of source: SourceName) -> [String] {
    memory.read { state in
      state.claiming.filter { $0.source == source }.compactMap { state.deliveries[$0]?.claim.name }
    }
  }

  /// What is known of every source's earlier sets.
  public var histories: [SourceName: SourceHistory] { memory.read { $0.histories } }

  /// What is known of a source's earlier sets.
  public func history(of source: SourceName) -> SourceHistory {
    memory.read { $0.histories[source, default: SourceHistory()] }
  }

  /// The jobs whose ends are not known yet, and whether they are read.
  public var outcomes: OpenOutcomes { memory.read { $0.outcomes } }

  /// The job of a set whose outcome is not known yet; of several the last.
  public func job(of set: SetID) -> OpenOutcome? { memory.read { $0.outcomes.job(of: set) } }

  /// Whether the server may be asked.
  public var server: ServerBreaker { memory.read { $0.server } }

  /// Why nothing is taken or sent at all; nil unless the journal is older than the archive.
  public var outdated: OutdatedJournal? { memory.read { $0.outdated } }

  /// What the clocks showed when retention was last applied.
  public var clock: ClockWatch? { memory.read { $0.clock } }

  /// True if nothing of a source is taken and scheduled: it is paused or halted, or the journal is outdated.
  public func isStopped(_ source: SourceName) -> Bool {
    memory.read { $0.outdated != nil || $0.controls[source]?.isDefault == false }
  }

  /// Whether a source runs freely.
  public func control(of source: SourceName) -> SourceControl {
    memory.read { $0.controls[source, default: SourceControl()] }
  }

  /// The one set of a source that may be scheduled now: one in doubt before all others, for it may have been
  /// scheduled before them.
  public func head(of source: SourceName, _ order: ScheduleOrder) -> SetID? {
    memory.read { state in
      guard let queue = state.queues[source] else { return nil }
      return queue.firstInDoubt ?? queue.head(order)
    }
  }
}
