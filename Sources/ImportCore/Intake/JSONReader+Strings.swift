extension JSONReader {
  /// Reads a string from its opening quotation mark to its closing one.
  mutating func readString() throws(Problem) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try readEscape()
      case 0..<32: throw problem("a control character in a string must be written as an escape")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw Problem(offset: start, message: "the string that begins here does not end")
  }

  private mutating func readEscape() throws(Problem) -> [UInt8] {
    let start = position
    position += 1
    guard let byte = peek() else { throw problem("the text ends inside a string") }
    position += 1
    if let simple = Self.simpleEscapes[byte] { return [simple] }
    guard byte == UInt8(ascii: "u") else {
      throw Problem(offset: start, message: "no such escape in a string")
    }
    return Array(String(try readScalar(escapeAt: start)).utf8)
  }

  private mutating func readScalar(escapeAt start: Int) throws(Problem) -> Unicode.Scalar {
    let first = try readHexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let unpaired = Problem(offset: start, message: "half of a surrogate pair in a string")
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw unpaired }
    let second = try readHexadecimal()
    guard (0xDC00...0xDFFF).contains(second) else { throw unpaired }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
  }

  private mutating func readHexadecimal() throws(Problem) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    let isHexadecimal = digits.count == 4 && digits.allSatisfy { Self.isHexadecimalDigit($0) }
    guard isHexadecimal, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw problem("four hexadecimal digits are missing after \\u")
    }
    position += 4
    return value
  }

  private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) && Character(UnicodeScalar(byte)).isHexDigit
  }

  private static let simpleEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
    UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]
}
