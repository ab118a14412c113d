/// Says what a part of a multipart body is: a text field or a file (PROTOCOL, `filename`).
struct PartHeader: Equatable {
  let name: String
  /// The file's name without directories; nil makes the part a text field.
  let filename: String?

  /// Reads a part's header lines; nil when none of them names the part.
  init?(_ lines: String) {
    guard let disposition = Self.field("content-disposition", in: lines) else { return nil }
    let parameters = Self.parameters(of: disposition)
    guard let name = parameters["name"] else { return nil }
    self.name = name
    filename = parameters["filename"].flatMap(Self.lastComponent)
  }

  /// Everything up to the last `/` or `\` is cut; what is then empty is no file name.
  static func lastComponent(_ path: String) -> String? {
    let name = path.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last
    guard let name, !name.isEmpty else { return nil }
    return String(name)
  }

  private static func field(_ wanted: String, in lines: String) -> String? {
    for line in lines.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      if line[..<colon].lowercased() == wanted { return String(line[line.index(after: colon)...]) }
    }
    return nil
  }

  /// Splits `form-data; name="a"; filename="b;c"`; quotes protect everything but themselves.
  private static func parameters(of value: String) -> [String: String] {
    var found: [String: String] = [:]
    for piece in splitOutsideQuotes(value).dropFirst() {
      guard let equals = piece.firstIndex(of: "=") else { continue }
      var text = trimmed(piece[piece.index(after: equals)...])
      if text.first == "\"" { text = text.dropFirst().prefix { $0 != "\"" } }
      found[trimmed(piece[..<equals]).lowercased()] = String(text)
    }
    return found
  }

  private static func splitOutsideQuotes(_ value: String) -> [Substring] {
    var quoted = false
    return value.split(omittingEmptySubsequences: false) { character in
      if character == "\"" { quoted.toggle() }
      return character == ";" && !quoted
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
