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
    return prefix + sumMember(prefix[...]) + [UInt8(ascii: "\n")]
  }

  /// Decodes a line without its newline; nil if the checksum does not match or the object is none of this type.
  public static func decode<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) -> Value? {
    isIntact(line) ? decodeIntact(type, line) : nil
  }

  /// Decodes a line whose checksum was found to match. The checksum is a member like any other, which no type has.
  static func decodeIntact<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) -> Value? {
    LineText.decode(type, from: line)
  }

  /// True if the line's checksum matches, whatever its content.
  public static func isIntact(_ line: ArraySlice<UInt8>) -> Bool {
    line.count > sumLength && line.suffix(sumLength).elementsEqual(sumMember(line.dropLast(sumLength)))
  }

  private static let sumLength = #","sum":"00000000"}"#.utf8.count

  private static func sumMember(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let sum = Checksum.crc32c(bytes)
    let digits = (0..<8).map { place in
      let digit = UInt8(truncatingIfNeeded: sum >> (28 - 4 * UInt32(place))) & 15
      return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
    return #","sum":""#.utf8 + digits + #""}"#.utf8
  }
}
