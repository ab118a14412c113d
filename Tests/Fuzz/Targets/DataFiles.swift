import ImportCore
import ImportSystem

extension FuzzTarget {
  /// A data file of JSON. The first byte says how it is cut into pieces.
  static let json = FuzzTarget("json") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    for shape in [JSONLint.Shape.any, .records, .singleRecord] {
      var lint = JSONLint(shape: shape)
      feed(data, in: data.count) { lint.take($0) }
      let whole = lint.finish()
      var pieces = JSONLint(shape: shape)
      feed(data, in: size) { pieces.take($0) }
      try require(pieces.finish() == whole, "in pieces of \(size) bytes it has other findings")
      for finding in whole.list { try requirePlace(finding.line, finding.column, in: data) }
      try compare(JSONText(data), whole)
    }
  }

  /// The two readers agree about what is well-formed.
  private static func compare(_ text: JSONText, _ lint: LintFindings) throws(BrokenProperty) {
    guard text.findings.isEmpty, let value = text.value, value.elements != nil || value.members != nil else {
      return
    }
    let texts = lint.list.filter { $0.severity == .error }.map(\.message)
    try require(
      texts.allSatisfy { $0.contains("record") || $0.contains("array") || $0.contains("object") },
      "well-formed for one reader, and for the other: \(texts)")
  }

  /// A table. The first byte says how it is cut into pieces, and which charset it has.
  static let tsv = FuzzTarget("tsv") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    let charset = [TextCharset.utf8, .ascii, TextCharset("windows-1252"), TextCharset("x-other")][size % 4]
    for separator in ["\t", "||", nil] {
      var lint = TSVLint(separator: separator, charset: charset)
      feed(data, in: data.count) { lint.take($0) }
      let whole = lint.finish()
      var pieces = TSVLint(separator: separator, charset: charset)
      feed(data, in: size) { pieces.take($0) }
      try require(pieces.finish() == whole, "in pieces of \(size) bytes it has other findings")
      for finding in whole.list { try requirePlace(finding.line, finding.column, in: data) }
    }
  }

  /// A data file of XML. The first byte says how it is cut into pieces.
  static let xml = FuzzTarget("xml") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    var whole = XMLReader(fields: .children, singleRecord: false, names: ["id"])
    feed(data, in: data.count) { whole.take($0) }
    let problem = whole.finish()
    if !isPlain(data) { return }
    var pieces = XMLReader(fields: .children, singleRecord: false, names: ["id"])
    feed(data, in: size) { pieces.take($0) }
    try require(
      (pieces.finish() == nil) == (problem == nil), "in pieces of \(size) bytes it is judged otherwise")
    try require(problem == nil || problem!.line >= 1 && problem!.column >= 1, "a place before the file")
    if problem == nil { try require(pieces.seen == whole.seen, "in pieces it has other fields") }
  }

  /// False for what libxml2 takes for an encoding of several bytes a character, which it guesses from the first piece.
  private static func isPlain(_ data: [UInt8]) -> Bool {
    data.prefix(4).allSatisfy { (9..<0x7f).contains($0) } && data.count >= 4
  }

  private static func cut(_ bytes: [UInt8]) -> (data: [UInt8], size: Int) {
    (Array(bytes.dropFirst()), Int(bytes.first ?? 0) % 32 + 1)
  }

  private static func feed(_ data: [UInt8], in size: Int, _ take: (UnsafeRawBufferPointer) -> Void) {
    data.withUnsafeBytes { buffer in
      var start = 0
      while start < buffer.count {
        let end = min(buffer.count, start + max(1, size))
        take(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
        start = end
      }
    }
  }
}
