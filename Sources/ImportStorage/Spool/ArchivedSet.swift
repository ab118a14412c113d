public import ImportCore
public import ImportSystem

/// One day of the archive (UTC), as the ids of its sets begin: `20261124`.
public struct ArchiveDay: Hashable, Comparable, Sendable {
  /// Year, month and day in eight digits.
  let digits: String

  public init(digits: String) { self.digits = digits }

  /// The day in whose folder a set is archived.
  public init(_ set: SetID) { digits = String(set.text.prefix(8)) }

  /// The day of a moment.
  public init(_ moment: Timestamp) { digits = String(moment.compact.prefix(8)) }

  public static func < (left: ArchiveDay, right: ArchiveDay) -> Bool { left.digits < right.digits }
}

/// Where one set is in the archive. Nothing is held open: an archive of some years has more sets than a process may have
/// descriptors.
public struct ArchivedPlace: Sendable {
  public let set: SetID
  /// Path of the folder of its day.
  public let day: String
  /// Path of its own folder.
  public var path: String { "\(day)/\(set)" }

  public init(set: SetID, day: String) {
    self.set = set
    self.day = day
  }
}

/// Reads sets as they are in the archive.
public enum ArchivedSet {
  /// The largest receipt that is read, in bytes: one of a set with some 60,000 files.
  private static let largestReceipt = 16 << 20

  /// Reads a set's receipt; nil if it is missing or is none.
  public static func receipt(in folder: Directory) -> Receipt? {
    StoredJSON.read(Receipt.self, "receipt.json", in: folder, atMost: largestReceipt)
  }

  /// Reads the receipt of an archived set; nil if it is not there. Blocks.
  public static func receipt(of set: SetID, in spool: Spool) -> Receipt? {
    (try? spool.root.fileSystem.openDirectory(spool.path(.archive, of: set))).flatMap { receipt(in: $0) }
  }
}
