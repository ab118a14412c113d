/// How long and how much of a source's archive is kept (`ArchiveKeepSec=`, `ArchiveMaxSize=`).
public struct Retention: Hashable, Sendable {
  /// One archived set, as far as retention goes.
  public struct Item: Hashable, Sendable {
    public var set: SetID
    /// When it was archived.
    public var archived: Timestamp
    /// Bytes of all its files.
    public var size: Int64

    /// Takes what decides about one set.
    public init(set: SetID, archived: Timestamp, size: Int64) {
      self.set = set
      self.archived = archived
      self.size = size
    }
  }

  /// Sets that are older are removed; nil: none for their age.
  public var keep: Duration?
  /// The oldest sets are removed until the rest has no more bytes than this; nil: any number.
  public var maxSize: Int64?

  /// Takes both limits.
  public init(keep: Duration?, maxSize: Int64?) {
    self.keep = keep
    self.maxSize = maxSize
  }

  /// True if nothing is ever removed.
  public var keepsAll: Bool { keep == nil && maxSize == nil }

  /// Which of a source's archived sets are to go, oldest first. A set from the future (a clock that was set back) is
  /// young.
  public func expired(of items: [Item], now: Timestamp) -> [SetID] {
    let oldestFirst = items.sorted { ($0.archived, $0.set) < ($1.archived, $1.set) }
    var size = items.reduce(0) { $0 + $1.size }
    return oldestFirst.filter { item in
      let isOld = keep.map { now.since(item.archived) > $0 } ?? false
      let isTooMuch = maxSize.map { size > $0 } ?? false
      if isOld || isTooMuch { size -= item.size }
      return isOld || isTooMuch
    }.map(\.set)
  }
}
