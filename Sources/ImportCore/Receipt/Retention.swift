/// How long and how much of a source's archive is kept (`ArchiveKeepSec=`, `ArchiveMaxSize=`).
public struct Retention: Hashable, Sendable {
  /// One archived set, as far as retention goes.
  public struct Item: Hashable, Sendable {
    /// When it was archived.
    public var archived: Timestamp
    /// Bytes of all its files.
    public var size: Int64

    /// Takes what decides about one set.
    public init(archived: Timestamp, size: Int64) {
      self.archived = archived
      self.size = size
    }
  }

  /// Sets that are older are removed; nil: none for their age.
  public var keep: Duration?
  /// The oldest sets are removed until the rest has no more bytes than this; nil: any number.
  public var maxSize: Int64?
  /// The files of sets that are older are deleted, and their receipts stay; nil: none for their age.
  public var keepFiles: Duration?

  /// Takes all limits.
  public init(keep: Duration?, maxSize: Int64?, keepFiles: Duration? = nil) {
    self.keep = keep
    self.maxSize = maxSize
    self.keepFiles = keepFiles
  }

  /// True if nothing is ever removed.
  public var keepsAll: Bool { keep == nil && maxSize == nil && keepFiles == nil }

  /// Decides about one of a source's archived sets, which are visited from the oldest. A set from the future (a clock that
  /// was set back) is young.
  ///
  /// - Parameter remaining: Bytes of this set and of all sets that are younger.
  public func expires(_ item: Item, remaining: Int64, now: Timestamp) -> Bool {
    let isOld = keep.map { now.since(item.archived) > $0 } ?? false
    return isOld || maxSize.map { remaining > $0 } ?? false
  }

  /// True if a set that was completed at this time, and all younger ones, stay whole for their age: none is archived before it is
  /// complete.
  public func keepsAllSince(_ completed: Timestamp, now: Timestamp) -> Bool {
    maxSize == nil && [keep, keepFiles].compactMap(\.self).allSatisfy { now.since(completed) <= $0 }
  }

  /// True if the files of a set are to go, and its receipt stays.
  public func expiresFiles(of item: Item, now: Timestamp) -> Bool {
    keepFiles.map { now.since(item.archived) > $0 } ?? false
  }
}
