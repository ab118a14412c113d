import ImportCore

extension LogEvent {
  /// The line as people read it: `set=… source=hr state=deferred attempt=3 reason="Service unavailable"`.
  public var line: String {
    let words = pairs.map { "\($0.name)=\(Self.quotedWhereNeeded($0.value))" }
    return ((text.isEmpty ? [] : [PrintableText.escaping(text)]) + words).joined(separator: " ")
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
    return "\"\(PrintableText.escaping(escaped))\""
  }

  private static func isQuotedFor(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "="), UInt8(ascii: "'"): true
    default: false
    }
  }
}
