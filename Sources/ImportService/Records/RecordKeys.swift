import FoundationEssentials
import ImportCore
import ImportStorage
import ImportSystem

/// The record keys of one data file, as hashes: what the next set of the source is compared with (`RemovalLimit=`). Eight
/// bytes for each record.
struct RecordKeys: Hashable, Sendable {
  /// The field that they are from.
  var field: String
  /// Different hashes, sorted.
  var hashes: [UInt64]

  /// Number of these keys that another file does not have.
  func missing(in other: RecordKeys) -> Int64 {
    var missing: Int64 = 0
    var at = 0
    for hash in hashes {
      while at < other.hashes.count, other.hashes[at] < hash { at += 1 }
      if at == other.hashes.count || other.hashes[at] != hash { missing += 1 }
    }
    return missing
  }
}

extension RecordKeys {
  /// Why keys that should be there cannot be used.
  enum Failure: Error, CustomStringConvertible {
    case damaged, otherFormat

    var description: String {
      switch self {
      case .damaged: "the file is damaged"
      case .otherFormat: "the file is of another version of haplo-importd"
      }
    }
  }

  private static let mark = "haplo-importd record keys 1"

  /// The bytes of the file in which they are kept: a line with format and version, a line with the field as a JSON string, the
  /// hashes in ascending order, 8 bytes each, little-endian, and the SHA-256 of all that.
  var encoded: [UInt8] {
    var bytes = Array("\(Self.mark)\n".utf8)
    bytes += (try? JSONEncoder().encode(field)).map(Array.init) ?? []
    bytes.append(10)
    bytes.reserveCapacity(bytes.count + 8 * hashes.count + 32)
    for hash in hashes {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: hash >> shift))
      }
    }
    return bytes + SHA256.digest(of: bytes)
  }

  init(_ bytes: [UInt8]) throws(Failure) {
    guard bytes.starts(with: "haplo-importd record keys ".utf8) else { throw .damaged }
    guard bytes.starts(with: "\(Self.mark)\n".utf8) else { throw .otherFormat }
    let begin = Self.mark.utf8.count + 1
    guard let end = bytes[begin...].firstIndex(of: 10), bytes.count - end - 1 >= 32,
      (bytes.count - end - 33) % 8 == 0,
      let field = try? JSONDecoder().decode(String.self, from: Data(bytes[begin..<end])),
      SHA256.digest(of: Array(bytes.dropLast(32))) == Array(bytes.suffix(32))
    else { throw .damaged }
    self.field = field
    hashes = bytes.withUnsafeBytes { bytes in
      stride(from: end + 1, to: bytes.count - 32, by: 8).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
      }
    }
  }
}

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

/// Collects the record keys of a file while it is read.
struct RecordKeyCollector: ~Copyable {
  private struct Tally {
    var hashes: [UInt64] = []
    var withoutKey = 0

    mutating func add(_ batch: RecordBatch) {
      for record in batch.records {
        if let key = record.key { hashes.append(key) } else { withoutKey += 1 }
      }
    }
  }

  private let field: String
  private var reader: RecordReader
  private var tally = Tally()

  /// Begins a file; nil if a plugin reads it.
  init?(_ options: ReaderOptions, field: String) {
    guard let reader = RecordReader(options, RecordDemand(key: field, contents: false)) else { return nil }
    self.reader = reader
    self.field = field
  }

  /// Takes the next block.
  mutating func take(_ block: UnsafeRawBufferPointer) {
    var taken = Tally()
    swap(&taken, &tally)
    reader.take(block) { batch, _ in taken.add(batch) }
    swap(&taken, &tally)
  }

  /// Ends the file. Returns its keys, and warnings about records without one and about keys that repeat.
  mutating func finish() -> (keys: RecordKeys, findings: ValidationFindings) {
    var taken = Tally()
    swap(&taken, &tally)
    _ = reader.finish { batch, _ in taken.add(batch) }
    taken.hashes.sort()
    let count = taken.hashes.count
    let hashes = taken.hashes.reduce(into: [UInt64]()) { if $0.last != $1 { $0.append($1) } }
    var findings = ValidationFindings()
    if taken.withoutKey > 0 {
      let text = "\(Self.records(taken.withoutKey)) without a value of the record key '\(field)'"
      findings.add(ValidationFinding(.warning, text))
    }
    if count > hashes.count {
      let text =
        "\(Self.records(count - hashes.count)) with a value of the record key '\(field)' that another one has"
      findings.add(ValidationFinding(.warning, text))
    }
    return (RecordKeys(field: field, hashes: hashes), findings)
  }

  private static func records(_ count: Int) -> String { "\(count) record\(count == 1 ? "" : "s")" }
}
