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
