import FoundationEssentials
import ImportCore
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

  /// Reads the bytes of such a file.
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
