import FoundationEssentials

/// A line of the journal as bytes: a JSON object with sorted keys whose last member `sum` is the CRC-32C of
/// everything before it, so that a line cut, zeroed or altered anywhere is told from a whole one.
public enum JournalLine {
  /// Encodes a value as one line, checksum and newline included.
  public static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value), data.last == UInt8(ascii: "}") else {
      preconditionFailure("every journal value encodes as a JSON object: \(value)")
    }
    let prefix = Array(data.dropLast())
    return prefix + sumMember(prefix) + [UInt8(ascii: "\n")]
  }

  /// Decodes a line without its newline; nil if the checksum does not match or the object is none of this type.
  public static func decode<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) -> Value? {
    guard line.count > sumLength else { return nil }
    let prefix = line.dropLast(sumLength)
    guard Array(line.suffix(sumLength)) == sumMember(prefix) else { return nil }
    return try? JSONDecoder().decode(type, from: Data(prefix + [UInt8(ascii: "}")]))
  }

  /// True if the line's checksum matches, whatever its content.
  public static func isIntact(_ line: ArraySlice<UInt8>) -> Bool {
    line.count > sumLength && Array(line.suffix(sumLength)) == sumMember(line.dropLast(sumLength))
  }

  private static let sumLength = #","sum":"00000000"}"#.utf8.count

  private static func sumMember(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let digits = String(Checksum.crc32c(bytes), radix: 16)
    let padded = String(repeating: "0", count: 8 - digits.count) + digits
    return Array(#","sum":"\#(padded)"}"#.utf8)
  }
}

/// CRC-32C (Castagnoli), which finds every burst of up to 32 wrong bits.
enum Checksum {
  static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = ~0
    for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xff)] ^ (value >> 8) }
    return ~value
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
  }
}
