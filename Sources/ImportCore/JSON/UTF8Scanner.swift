/// Follows UTF-8 byte by byte, so that a piece of a file may end anywhere inside a character.
struct UTF8Scanner: Sendable {
  /// Bytes of the character that are still to come.
  private(set) var missing: UInt8 = 0
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF

  /// True inside a character.
  var isInside: Bool { missing > 0 }

  /// Takes the next byte, which is not ASCII or comes inside a character. False: it cannot stand here (Unicode,
  /// table 3-7: no overlong form, no surrogate, nothing beyond U+10FFFF).
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    if missing == 0 { return begin(byte) }
    guard byte >= lowest, byte <= highest else { return false }
    missing -= 1
    lowest = 0x80
    highest = 0xBF
    return true
  }

  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0xC2...0xDF: missing = 1
    case 0xE0...0xEF:
      missing = 2
      if byte == 0xE0 { lowest = 0xA0 }
      if byte == 0xED { highest = 0x9F }
    case 0xF0...0xF4:
      missing = 3
      if byte == 0xF0 { lowest = 0x90 }
      if byte == 0xF4 { highest = 0x8F }
    default: return false
    }
    return true
  }
}
