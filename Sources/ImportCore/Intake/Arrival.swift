/// The place of a set in the order of arrival (INTERFACE, "Arrival").
public struct Arrival: Hashable, Comparable, Sendable {
  /// The latest change time (ctime) of its files and folder, in nanoseconds since 1970. What the daemon itself changed, an
  /// access list, does not count.
  public var change: Int64
  /// The folder's name, or the control file's.
  public var name: ExactText

  /// Takes the latest change time and the name.
  public init(change: Int64, name: String) {
    self.change = change
    self.name = ExactText(name)
  }

  public static func < (left: Arrival, right: Arrival) -> Bool {
    left.change != right.change ? left.change < right.change : left.name < right.name
  }
}

/// Finds the sets that must not be claimed yet, because one that comes before them only waits for its quiet time.
public enum ArrivalOrder {
  /// Splits complete sets.
  ///
  /// - Parameters:
  ///   - sets: The sets that are complete now.
  ///   - waiting: The sets of the same source that wait for their quiet time and nothing else.
  ///   - order: How the source's sets are ordered.
  /// - Returns: The sets that may be claimed, in the order of arrival; and those that have to wait for one of `waiting`.
  public static func split(_ sets: [CompleteSet], waiting: [Arrival], _ order: ScheduleOrder) -> (
    ready: [CompleteSet], held: [CompleteSet]
  ) {
    let sorted = sets.sorted { $0.arrival < $1.arrival }
    let isHeld = { (set: CompleteSet) in
      switch order {
      case .arrival: waiting.contains { $0 < set.arrival }
      case .name: waiting.contains { $0.name < set.arrival.name }
      }
    }
    return (sorted.filter { !isHeld($0) }, sorted.filter(isHeld))
  }
}
