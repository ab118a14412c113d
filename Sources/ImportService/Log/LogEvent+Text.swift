import ImportCore

extension LogEvent {
  /// The line as people read it: `set=… source=hr state=deferred attempt=3 reason="Service unavailable"`.
  public var line: String {
    let words = pairs.map { "\($0.name)=\(Self.quotedWhereNeeded($0.value))" }
    return ((text.isEmpty ? [] : [Self.escapingControls(text)]) + words).joined(separator: " ")
  }

  /// Values made of harmless characters stand as they are; all others in quotes, so that no name that somebody
  /// dropped can forge a field or a line.
  static func quotedWhereNeeded(_ value: String) -> String {
    let isHarmless =
      !value.isEmpty && value.utf8.allSatisfy { $0 > 32 && $0 < 127 && !isQuotedFor($0) }
    if isHarmless { return value }
    let escaped = value.reduce(into: "") { text, character in
      text += character == "\"" || character == "\\" ? "\\\(character)" : String(character)
    }
    return "\"\(escapingControls(escaped))\""
  }

  private static func isQuotedFor(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "="), UInt8(ascii: "'"): true
    default: false
    }
  }

  /// Control characters as `\xHH`, by the bytes of their UTF-8; everything else as it is.
  public static func escapingControls(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      guard scalar.isControl || isLineBreak(scalar) else {
        return result.unicodeScalars.append(scalar)
      }
      for byte in String(scalar).utf8 { result += "\\x" + hex(byte) }
    }
  }

  private static func isLineBreak(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{2028}" || scalar == "\u{2029}"
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }
}
