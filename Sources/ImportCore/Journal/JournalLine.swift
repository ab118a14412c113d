/// A line of the journal as bytes: a JSON object with sorted keys whose last member `sum` is the CRC-32C of
/// everything before it, so that a line cut, zeroed or altered anywhere is told from a whole one.
public enum JournalLine {
  /// Encodes a value as one line, checksum and newline included.
  public static func encode(_ value: some Encodable) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    append(value, to: &bytes)
    return bytes
  }

  /// The same, after the bytes that are there.
  public static func append(_ value: some Encodable, to bytes: inout [UInt8]) {
    let start = bytes.count
    let line = LineEncoder.Line(LineWriter(taking: &bytes))
    guard (try? value.encode(to: LineEncoder(line: line))) != nil else {
      preconditionFailure("no journal value refuses to be encoded: \(value)")
    }
    line.writer.finish(into: &bytes)
    precondition(bytes[start] == UInt8(ascii: "{"), "every journal value encodes as a JSON object: \(value)")
    bytes.removeLast()
    let sum = Checksum.crc32c(bytes[start...])
    for place in 0..<sumLength { bytes.append(sumByte(place, sum)) }
    bytes.append(UInt8(ascii: "\n"))
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
    guard line.count > sumLength else { return false }
    let end = line.endIndex - sumLength
    let sum = Checksum.crc32c(line[..<end])
    return (0..<sumLength).allSatisfy { line[end + $0] == sumByte($0, sum) }
  }

  private static let sumForm = Array(#","sum":"00000000"}"#.utf8)
  private static let sumLength = sumForm.count

  /// One byte of the last member and the brace behind it.
  private static func sumByte(_ place: Int, _ sum: UInt32) -> UInt8 {
    guard (8..<16).contains(place) else { return sumForm[place] }
    let digit = UInt8(truncatingIfNeeded: sum >> (60 - 4 * UInt32(place))) & 15
    return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}
