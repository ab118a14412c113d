/// The sets of one source that are claimed and neither scheduled nor out of the queue. Only its head may
/// take its schedule step, for the order of `schedule` calls is the order of the imports (docs/server.md).
public struct SourceQueue: Hashable, Sendable {
  private struct Place: Hashable, Sendable {
    var arrival: Int64
    var name: String
    var set: SetID
  }

  // A slice, for its first element leaves it without the others being moved.
  private var places: ArraySlice<Place> = []
  /// Those that may have been scheduled already, by arrival; rarely more than one.
  private var doubtful: [Int64: SetID] = [:]

  public init() {}

  /// How many sets wait.
  public var count: Int { places.count }

  /// The waiting sets in the order of arrival.
  public var sets: [SetID] { places.map(\.set) }

  /// Puts a set in its place by arrival; one that is there already stays.
  public mutating func insert(_ delivery: Delivery) {
    doubtful[delivery.arrival] = delivery.mayBeScheduled ? delivery.set : nil
    let index = position(of: delivery.arrival)
    if index < places.endIndex, places[index].arrival == delivery.arrival { return }
    places.insert(Place(arrival: delivery.arrival, name: delivery.claim.name, set: delivery.set), at: index)
  }

  /// Takes a set out; one that is not there changes nothing.
  public mutating func remove(_ delivery: Delivery) {
    doubtful[delivery.arrival] = nil
    let index = position(of: delivery.arrival)
    guard index < places.endIndex, places[index].arrival == delivery.arrival else { return }
    if index == places.startIndex { places.removeFirst() } else { places.remove(at: index) }
  }

  /// The first set whose outcome is in doubt: it may have been scheduled before all others.
  public var firstInDoubt: SetID? { doubtful.min { $0.key < $1.key }?.value }

  /// The one set that may be scheduled now; nil when none waits. Names are compared byte by byte, and the
  /// earlier of two equal ones goes first.
  public func head(_ order: ScheduleOrder) -> SetID? {
    switch order {
    case .arrival: places.first?.set
    case .name: places.min { Self.isBefore($0, $1) }?.set
    }
  }

  private static func isBefore(_ left: Place, _ right: Place) -> Bool {
    if left.name == right.name { return left.arrival < right.arrival }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }

  /// Where a set of this arrival stands or would stand, by halving.
  private func position(of arrival: Int64) -> Int {
    var (low, high) = (places.startIndex, places.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].arrival < arrival { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Whether the sets of a source are taken and scheduled. It survives a restart.
public struct SourceControl: Hashable, Codable, Sendable {
  /// Who paused it (`haplo-importd pause`); nil if nobody did.
  public var pausedBy: String?
  /// The set whose rejection or holding has halted it (`OnRejected=halt`); nil if none has.
  public var haltedBy: SetID?

  /// True if it was halted because that set's job failed on the server (`OnFailed=halt`); nil in all other cases.
  public var haltedForJob: Bool?
  /// For a source that runs freely: who resumed it, for those who read the journal. Nil if a decision about the set that had
  /// halted the source resumed it.
  public var resumedBy: String?

  /// Begins with a source that runs freely.
  public init(
    pausedBy: String? = nil, haltedBy: SetID? = nil, haltedForJob: Bool? = nil, resumedBy: String? = nil
  ) {
    self.resumedBy = resumedBy
    self.pausedBy = pausedBy
    self.haltedBy = haltedBy
    self.haltedForJob = haltedForJob
  }

  /// True for a source that runs freely.
  public var isDefault: Bool { pausedBy == nil && haltedBy == nil }

  /// Why nothing is taken and scheduled; nil for a source that runs freely.
  public var reason: String? {
    if let pausedBy { return "paused by \(pausedBy): no sets are accepted or scheduled until resumed" }
    if let haltedBy, haltedForJob == true {
      return
        "halted because the job of set \(haltedBy) failed on the server (OnFailed=halt): correct the cause, then resume the "
        + "source, or import the set again with 'haplo-importd retry --import-again'"
    }
    if let haltedBy {
      return "halted by set \(haltedBy) (OnRejected=halt): retry or reject the set, or resume the source"
    }
    return nil
  }
}
