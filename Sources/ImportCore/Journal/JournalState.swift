/// What the journal says, taken together: every set that is not archived, and whether the server may be asked.
public struct JournalState: Hashable, Sendable {
  /// The sets that are not finished, rejected and held ones included.
  public private(set) var deliveries = DeliveryTable()
  /// The queue of each source: sets that are not scheduled and not out of it.
  public private(set) var queues: [SourceName: SourceQueue] = [:]
  /// The sets that are being claimed.
  public private(set) var claiming: Set<SetID> = []
  /// How many sets are in each state, those not counted whose state depends on the time.
  private var lasting: [SetState: Int] = [:]
  /// The sets of which a step has failed: their state depends on the time.
  private var failing: Set<SetID> = []
  /// Whether the server may be asked.
  public private(set) var server = ServerBreaker()
  /// What people, or the rule `OnRejected=halt`, have said of sources; those that run freely are not here.
  public private(set) var controls: [SourceName: SourceControl] = [:]
  /// What later sets of each source are compared with.
  public private(set) var histories: [SourceName: SourceHistory] = [:]
  /// Why nothing is taken or sent until a person has decided: the journal is older than the archive.
  public private(set) var outdated: OutdatedJournal?
  /// What the clocks showed when retention was last applied.
  public private(set) var clock: ClockWatch?
  /// The jobs whose ends are not known yet, and whether they are read.
  public private(set) var outcomes = OpenOutcomes()
  /// Sequence number of the last record.
  public private(set) var sequence: Int64

  /// Begins with nothing, after the record of this sequence number.
  public init(sequence: Int64 = 0) { self.sequence = sequence }

  /// Takes in one record. Throws, and changes nothing, if it cannot follow the ones before it. Returns the set
  /// as it is afterwards, also when that was its last event.
  @discardableResult
  public mutating func apply(_ record: JournalRecord) throws(Contradiction) -> Delivery? {
    guard record.sequence == sequence + 1 else {
      throw Contradiction("record \(record.sequence) cannot follow record \(sequence)")
    }
    let changed = try changedDelivery(record)
    if let changed { try remember(record, changed) }
    switch record.entry {
    case .server(let breaker): server = breaker
    case .source(let name, let control):
      controls[name] = control.isDefault ? nil : control
      if control.isDefault { histories[name]?.noteResumption(at: record.time) }
    case .history(let name, let history): keep(history.keepingSets(of: histories[name]), of: name)
    case .outdated(let found): outdated = found
    case .reconciled: outdated = nil
    case .clock(let watch): clock = watch
    case .outcomeOpened(let job): outcomes.open(job)
    case .outcomeSettled(let settled): settle(settled, at: record.time)
    case .outcomeReading(let reading): outcomes.reading = reading
    case .event, .snapshot: break
    }
    if let changed { store(changed) }
    sequence = record.sequence
    return changed
  }

  private func changedDelivery(_ record: JournalRecord) throws(Contradiction) -> Delivery? {
    switch record.entry {
    case .server, .source, .history, .outdated, .reconciled, .clock, .outcomeOpened, .outcomeSettled,
      .outcomeReading:
      return nil
    case .snapshot(let delivery): return delivery.withTime(of: record)
    case .event(.claimBegun(let claim), let set):
      guard deliveries[set] == nil else { throw Contradiction("set \(set) was claimed twice") }
      return Delivery(set: set, arrival: record.sequence, claim: claim)
    case .event(.reopened(let claim, _), let set):
      guard deliveries[set] == nil else { throw Contradiction("set \(set) is not archived") }
      return Delivery(reopening: set, arrival: record.sequence, claim: claim)
    case .event(let event, let set):
      guard var delivery = deliveries[set] else {
        throw Contradiction("'\(event.name)' of unknown set \(set)")
      }
      try delivery.apply(event, at: record.time)
      switch event {
      case .approved, .approvedAsClean: delivery.arrival = record.sequence
      default: break
      }
      return delivery
    }
  }

  /// A snapshot is no news: what it tells was remembered when it happened.
  private mutating func remember(_ record: JournalRecord, _ after: Delivery) throws(Contradiction) {
    guard case .event(let event, let set) = record.entry, event.isRemembered || deliveries[set]?.found != nil
    else { return }
    var history = histories[after.source, default: SourceHistory()]
    try history.apply(event, before: deliveries[set] ?? after, after: after, at: record.time)
    keep(history, of: after.source)
  }

  private mutating func settle(_ settled: SettledOutcome, at time: Timestamp) {
    outcomes.close(settled.batch)
    histories[settled.set.source]?.note(settled, at: time)
  }

  /// True if nothing was ever recorded of any set, nor anything of its source.
  public var knowsNoSets: Bool { deliveries.isEmpty && histories.isEmpty }

  private mutating func keep(_ history: SourceHistory, of source: SourceName) {
    histories[source] = history == SourceHistory() ? nil : history
  }

  private mutating func store(_ delivery: Delivery) {
    if let old = deliveries[delivery.set] { count(old, -1) }
    if delivery.stage == .finished {
      deliveries[delivery.set] = nil
    } else {
      deliveries[delivery.set] = delivery
      count(delivery, 1)
    }
    if delivery.stage == .claiming { claiming.insert(delivery.set) } else { claiming.remove(delivery.set) }
    if delivery.isQueued {
      queues[delivery.source, default: SourceQueue()].insert(delivery)
    } else {
      queues[delivery.source]?.remove(delivery)
    }
  }

  private mutating func count(_ delivery: Delivery, _ difference: Int) {
    if delivery.deferral == nil {
      let state = delivery.state(now: Timestamp(microseconds: 0))
      let sum = lasting[state, default: 0] + difference
      lasting[state] = sum == 0 ? nil : sum
    } else if difference > 0 {
      failing.insert(delivery.set)
    } else {
      failing.remove(delivery.set)
    }
  }

  /// How many sets are in each state. It does not look at all of them, for the service asks at every change.
  public func counts(now: Timestamp) -> [SetState: Int] {
    failing.reduce(into: lasting) { counts, set in
      if let delivery = deliveries[set] { counts[delivery.state(now: now), default: 0] += 1 }
    }
  }

  /// The entries from which the same state can be read again, in the order of arrival.
  public var snapshot: [JournalEntry] {
    general + deliveries.values.sorted { $0.arrival < $1.arrival }.map { .snapshot($0) }
  }

  /// What a snapshot says of other things than sets, and of about `count` of the sets.
  public func sample(_ count: Int) -> (general: [JournalEntry], sets: [JournalEntry]) {
    let step = max(1, deliveries.count / count)
    let sets = deliveries.values.enumerated().lazy.filter { $0.offset % step == 0 }
    return (general, sets.map { .snapshot($0.element) })
  }

  private var general: [JournalEntry] {
    let sources = controls.sorted { $0.key < $1.key }.map { JournalEntry.source($0.key, $0.value) }
    let past = histories.sorted { $0.key < $1.key }.map { JournalEntry.history($0.key, $0.value) }
    let others = [outdated.map { JournalEntry.outdated($0) }, clock.map { .clock($0) }].compactMap(\.self)
    return [.server(server)] + sources + past + others + outcomes.snapshot
  }
}

/// Sets by their names. A set is kept behind a reference, for it is a value of several hundred bytes: a table of
/// thousands that held them itself would be copied as a whole when it grows, and stand half empty afterwards.
public struct DeliveryTable: Sendable {
  /// Never changed: tables that were copied share it.
  private final class Kept: Sendable {
    let delivery: Delivery
    init(_ delivery: Delivery) { self.delivery = delivery }
  }

  private var kept: [SetID: Kept] = [:]

  /// How many sets there are.
  public var count: Int { kept.count }

  /// True if there is none.
  public var isEmpty: Bool { kept.isEmpty }

  /// All sets, in no order.
  public var values: some Collection<Delivery> { kept.values.lazy.map(\.delivery) }

  /// The set of that name.
  public internal(set) subscript(set: SetID) -> Delivery? {
    get { kept[set]?.delivery }
    set { kept[set] = newValue.map { Kept($0) } }
  }
}

extension DeliveryTable: Hashable {
  public static func == (left: DeliveryTable, right: DeliveryTable) -> Bool {
    left.count == right.count && left.kept.allSatisfy { right[$0] == $1.delivery }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(kept.mapValues(\.delivery)) }
}

extension Delivery {
  /// The delivery with the time at which it left the queue. A snapshot of version 0.1 lacks that time; the time of
  /// the snapshot is the latest possible one and takes its place.
  func withTime(of snapshot: JournalRecord) -> Delivery {
    guard filedPlace != nil, leftQueueAt == nil else { return self }
    var copy = self
    copy.leftQueueAt = snapshot.time
    return copy
  }
}
