/// The escapes of JSON strings.
enum JSONEscape {
  /// Bytes that stand for one byte after a backslash.
  static let simple: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
    UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]

  /// The value of a hexadecimal digit.
  static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Decodes a string that ``JSONParser`` accepted. Half of a surrogate pair, which the server's parser keeps, becomes
  /// U+FFFD, because UTF-8 cannot express it.
  static func decode(_ text: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    var at = text.startIndex
    while at < text.endIndex {
      guard text[at] == UInt8(ascii: "\\") else {
        result.append(text[at])
        at += 1
        continue
      }
      if let byte = simple[text[at + 1]] {
        result.append(byte)
        at += 2
        continue
      }
      var units: [UInt16] = [unit(text, at)]
      at += 6
      if units[0] & 0xFC00 == 0xD800, text[at...].starts(with: "\\u".utf8), unit(text, at) & 0xFC00 == 0xDC00
      {
        units.append(unit(text, at))
        at += 6
      }
      result += String(decoding: units, as: UTF16.self).utf8
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The four digits of the escape at `start`.
  private static func unit(_ text: ArraySlice<UInt8>, _ start: Int) -> UInt16 {
    text[(start + 2)..<(start + 6)].reduce(0) { $0 << 4 | UInt16(truncatingIfNeeded: digit($1) ?? 0) }
  }
}
