import ImportCore
import ImportSystem

extension FuzzTarget {
  /// A data file of JSON. The first byte says how it is cut into pieces.
  static let json = FuzzTarget("json") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    for shape in [JSONRecordValidator.Shape.any, .records, .singleRecord] {
      var lint = JSONRecordValidator(shape: shape)
      feed(data, in: data.count) { lint.take($0) }
      let whole = lint.finish()
      var pieces = JSONRecordValidator(shape: shape)
      feed(data, in: size) { pieces.take($0) }
      try require(pieces.finish() == whole, "in pieces of \(size) bytes it has other findings")
      for finding in whole.list { try requirePlace(finding.line, finding.column, in: data) }
      try compare(JSONText(data), whole)
    }
    for isSingle in [false, true] {
      func read(in size: Int) -> [RecordBatch.Record] {
        var reader = JSONRecordReader(isSingleRecord: isSingle, everything)
        var records: [RecordBatch.Record] = []
        feed(data, in: size) {
          reader.take($0)
          records += reader.batch.records
        }
        _ = reader.finish()
        return records + reader.batch.records
      }
      try requireSame(read(in: data.count), read(in: size))
    }
  }

  private static let everything = RecordDemand(key: "id", contents: true, names: true)

  /// Records are the same in whichever pieces they came.
  private static func requireSame(
    _ whole: [RecordBatch.Record], _ pieces: [RecordBatch.Record]
  ) throws(BrokenProperty) {
    try require(
      whole.map(\.content) == pieces.map(\.content) && whole.map(\.key) == pieces.map(\.key),
      "in pieces it has other records")
  }

  /// The reader of whole texts and that of files piece by piece agree about what is well-formed.
  private static func compare(_ text: JSONText, _ findings: ValidationFindings) throws(BrokenProperty) {
    guard text.value != nil, !text.findings.hasErrors else { return }
    let texts = findings.errors.map(\.message)
    try require(
      texts.allSatisfy { $0.contains("record") || $0.contains("more error") },
      "well-formed for one reader, and for the other: \(texts)")
  }

  /// A table. The first byte says how it is cut into pieces, and which charset it has.
  static let tsv = FuzzTarget("tsv") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    let charset = [TextCharset.utf8, .ascii, TextCharset("windows-1252"), TextCharset("x-other")][size % 4]
    for separator in ["\t", "||", nil] {
      var lint = TableValidator(separator: separator, charset: charset)
      feed(data, in: data.count) { lint.take($0) }
      let whole = lint.finish()
      var pieces = TableValidator(separator: separator, charset: charset)
      feed(data, in: size) { pieces.take($0) }
      try require(pieces.finish() == whole, "in pieces of \(size) bytes it has other findings")
      for finding in whole.list { try requirePlace(finding.line, finding.column, in: data) }
      func read(in size: Int) -> [RecordBatch.Record] {
        var reader = TableRecordReader(separator: separator, charset: charset, everything)
        var records: [RecordBatch.Record] = []
        feed(data, in: size) {
          reader.take($0)
          records += reader.batch.records
        }
        reader.finish()
        return records + reader.batch.records
      }
      try requireSame(read(in: data.count), read(in: size))
    }
  }

  /// A data file of XML. The first byte says how it is cut into pieces.
  static let xml = FuzzTarget("xml") { bytes throws(BrokenProperty) in
    let (data, size) = cut(bytes)
    var whole = XMLReader(fields: .children, singleRecord: false, names: ["id"])
    feed(data, in: data.count) { whole.take($0) }
    whole.finish()
    for problem in whole.problems {
      try require(problem.line >= 1 && problem.column >= 1, "a place before the file")
    }
    if !isPlain(data) { return }
    var pieces = XMLReader(fields: .children, singleRecord: false, names: ["id"])
    feed(data, in: size) { pieces.take($0) }
    pieces.finish()
    try require(
      pieces.problems.isEmpty == whole.problems.isEmpty, "in pieces of \(size) bytes it is judged otherwise")
    guard whole.problems.isEmpty else { return }
    try require(
      pieces.seen == whole.seen && pieces.records == whole.records, "in pieces it has other fields or records"
    )
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
