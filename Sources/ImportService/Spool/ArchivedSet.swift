import FoundationEssentials
import ImportCore
import ImportSystem

/// One day of the archive (UTC), as the ids of its sets begin: `20261124`.
struct ArchiveDay: Hashable, Comparable, Sendable {
  /// Year, month and day in eight digits.
  let digits: String

  init(digits: String) { self.digits = digits }

  /// The day in whose folder a set is archived.
  init(_ set: SetID) { digits = String(set.text.prefix(8)) }

  /// The day of a moment.
  init(_ moment: Timestamp) { digits = String(moment.compact.prefix(8)) }

  static func < (left: ArchiveDay, right: ArchiveDay) -> Bool { left.digits < right.digits }
}

/// Where one set is in the archive. Nothing is held open: an archive of some years has more sets than a process may have
/// descriptors.
struct ArchivedPlace: Sendable {
  let set: SetID
  /// Path of the folder of its day.
  let day: String
  /// Path of its own folder.
  var path: String { "\(day)/\(set)" }
}

/// One set as it is in the archive.
struct ArchivedSet: Sendable {
  let place: ArchivedPlace
  /// Nil if the receipt is missing or cannot be read.
  let receipt: Receipt?

  var set: SetID { place.set }

  /// The largest receipt that is read, in bytes: one of a set with some 60,000 files.
  private static let largestReceipt = 16 << 20

  /// Reads a set's receipt; nil if it is missing or is none.
  static func receipt(in folder: Directory) -> Receipt? {
    guard let bytes = try? folder.readFile("receipt.json", atMost: largestReceipt) else { return nil }
    return try? JSONDecoder().decode(Receipt.self, from: Data(bytes))
  }
}
