import ImportCore
import ImportStorage
import ImportSystem

/// The folder `keys/` beside a set's `files/`, with one file of record keys for each data file whose source names a key
/// (`RecordKey.KEY=`). It travels with the set's folder, and retention keeps it with the receipt.
enum RecordKeyFolder {
  static let name = "keys"
  /// Bytes of the largest file that is read: one of 128 million records.
  private static let largest = 1 << 30
  /// Bytes of a file name that are used for a key of the control file.
  private static let longestName = 200

  /// Stores the keys of one data file. Durable on return.
  static func store(_ keys: RecordKeys, for key: String, in own: Directory) throws(SystemError) {
    let folder = try own.openOrMakeDirectory(name, mode: Spool.mode, for: "claim")
    try folder.store(keys.encoded, as: fileName(for: key), mode: 0o640, replacing: true, for: "claim")
  }

  /// Reads the keys of one data file.
  static func read(for key: String, in own: Directory) throws(SystemError) -> Result<
    RecordKeys, RecordKeys.Failure
  > {
    let bytes = try own.openDirectory(name).readFile(fileName(for: key), atMost: largest)
    do { return .success(try RecordKeys(bytes)) } catch { return .failure(error) }
  }

  /// The file's name: the key, with bytes other than letters, digits, `-`, `_` and dots that do not come first as `%XX`; for one that
  /// is too long, its SHA-256.
  static func fileName(for key: String) -> String {
    var name = ""
    for byte in key.utf8 {
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || scalar == "-" || scalar == "_" || scalar == "." && !name.isEmpty
      let digits = String(byte, radix: 16, uppercase: true)
      name += isPlain ? String(Character(scalar)) : "%" + (byte < 16 ? "0" : "") + digits
    }
    guard name.utf8.count <= longestName, !name.isEmpty else {
      return SHA256Digest(bytes: SHA256.digest(of: Array(key.utf8))).hex
    }
    return name
  }
}
