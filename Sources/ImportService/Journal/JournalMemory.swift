public import ImportCore
import Synchronization

/// What the journal's records say, taken together, for everybody to read at any time and without waiting for the thread
/// that writes: an event is in here as soon as it is recorded, which may be before it is on the disk. Who acts on
/// something that must be durable learns that by having waited for its own ``Journal/record(_:for:)``.
///
/// Domain: guarded by its mutex, which is held for one look or one record. Only the journal changes it.
final class JournalMemory: Sendable {
  private struct Content {
    var state: JournalState
    var rejections = 0
    var tally = DeliveryTally()
  }

  private let content: Mutex<Content>

  init(_ state: JournalState) { content = Mutex(Content(state: state)) }

  /// All of it, as it is now.
  var state: JournalState { read { $0 } }

  /// Sequence number of the last record.
  var sequence: Int64 { read { $0.sequence } }

  /// Sets that were rejected since the journal was opened.
  var rejections: Int { content.withLock { $0.rejections } }

  /// What happened to sets since the journal was opened.
  var tally: DeliveryTally { content.withLock { $0.tally } }

  /// Looks something up; a copy of the whole would be paid for by the next record.
  func read<Value: Sendable>(_ body: (borrowing JournalState) -> Value) -> Value {
    content.withLock { body($0.state) }
  }

  /// Takes in one record and returns the set as it is then. Throws, and changes nothing, if the record cannot follow.
  func take(_ record: JournalRecord) throws(Contradiction) -> Delivery? {
    try content.withLock { content throws(Contradiction) in
      let changed = try content.state.apply(record)
      guard case .event(let event, _) = record.entry else { return changed }
      if case .rejected = event { content.rejections += 1 }
      if let changed { content.tally.count(event, changed, at: record.time) }
      return changed
    }
  }

  /// Takes over what a journal that was made anew says: the same, under later sequence numbers.
  func replace(with state: JournalState) { content.withLock { $0.state = state } }
}

extension Journal {
  /// The set as it stands; nil if it is archived or unknown.
  public nonisolated func delivery(_ set: SetID) -> Delivery? { memory.read { $0.deliveries[set] } }

  /// All sets that are not archived, in the order of arrival.
  public nonisolated var deliveries: [Delivery] { deliveries { _ in true } }

  /// The sets that are not archived and for which `isWanted` holds, in the order of arrival. No copy is made of the
  /// others: where thousands wait, one of all takes megabytes.
  nonisolated func deliveries(where isWanted: (Delivery) -> Bool) -> [Delivery] {
    memory.read { $0.deliveries.values.filter(isWanted) }.sorted { $0.arrival < $1.arrival }
  }

  /// The names of all sets that are not archived, in the order of arrival.
  nonisolated var sets: [SetID] {
    memory.read { $0.deliveries.values.map { ($0.arrival, $0.set) } }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// How many sets wait to be scheduled.
  nonisolated var waiting: Int { memory.read { $0.queues.values.reduce(0) { $0 + $1.count } } }

  /// How many sets are in each state.
  nonisolated func counts(now: Timestamp) -> [SetState: Int] { memory.read { $0.counts(now: now) } }

  /// All that the records say, taken together.
  public nonisolated var current: JournalState { memory.state }

  /// Sets that were rejected since the journal was opened.
  public nonisolated var rejections: Int { memory.rejections }

  /// What happened to sets since the journal was opened.
  public nonisolated var tally: DeliveryTally { memory.tally }

  /// Names of what is being claimed from a source and may still stand in its drop directory, where a full disk keeps
  /// it: to take it for something new would lose its place.
  nonisolated func namesBeingClaimed(of source: SourceName) -> Set<String> {
    memory.read { state in
      Set(state.claiming.filter { $0.source == source }.compactMap { state.deliveries[$0]?.claim.name })
    }
  }

  /// What is known of a source's earlier sets.
  public nonisolated func history(of source: SourceName) -> SourceHistory {
    memory.read { $0.histories[source, default: SourceHistory()] }
  }

  /// Whether the server may be asked.
  public nonisolated var server: ServerBreaker { memory.read { $0.server } }

  /// Whether a source runs freely.
  public nonisolated func control(of source: SourceName) -> SourceControl {
    memory.read { $0.controls[source, default: SourceControl()] }
  }

  /// The one set of a source that may be scheduled now: one in doubt before all others, for it may have been
  /// scheduled before them.
  public nonisolated func head(of source: SourceName, _ order: ScheduleOrder) -> SetID? {
    memory.read { state in
      guard let queue = state.queues[source] else { return nil }
      return queue.firstInDoubt ?? queue.head(order)
    }
  }
}
