import ImportCore
import Testing

@Suite struct ReferencedFieldsTests {
  /// The fields of a control file with these instructions, which need not be complete.
  private func fields(_ instructions: String, more: String = "") throws -> ReferencedFields {
    let text = """
      {"dataImportControlFileVersion": 0, "model": "m", "files": {}\(more), "instructions":
      \(instructions)}
      """
    guard case .valid(let control) = ControlFile.read(Array(text.utf8)) else {
      Issue.record("\(ControlFile.read(Array(text.utf8)))")
      return ReferencedFields()
    }
    return control.fields
  }

  private func missing(_ instructions: String, in data: String) throws -> [String] {
    var validator = JSONRecordValidator(shape: .records, fields: try fields(instructions))
    for piece in pieces(of: Array(data.utf8), 3) { piece.withUnsafeBytes { validator.take($0) } }
    #expect(!validator.finish().hasErrors)
    return Self.names(validator.fields)
  }

  private static func names(_ fields: ReferencedFields) -> [String] {
    fields.warnings.list.map { $0.message.split(separator: "'").last.map(String.init) ?? "" }
  }

  @Test(
    arguments: [
      (
        #"[{"source": "a", "destination": "d", "name": "n"}, {"source": "b", "destination": "d", "name": "n"}]"#,
        #"[{"a": 1}, {"c": 1}]"#, ["b"]
      ),
      (#"[{"source": "a", "destination": "d", "name": "n"}]"#, #"[{"x": {"a": 1}}]"#, ["a"]),
      (#"[{"source": "a", "destination": "d", "name": "n"}]"#, #"[{"\u0061": 1}]"#, []),
      (#"[{"source": "é", "destination": "d", "name": "n"}]"#, #"[{"\u00e9": 1}]"#, []),
      (#"[{"source": "😀", "destination": "d", "name": "n"}]"#, #"[{"\ud83d\ude00": 1}]"#, []),
      (
        #"[{"action": "within", "source": "a", "instructions": [{"action": "new", "destination": "d"}, {"source": "b", "destination": "d", "name": "n"}, {"source": "c", "destination": "d", "name": "n"}]}]"#,
        #"[{"a": {"b": 1}, "c": 1}]"#, ["c"]
      ),
      (
        #"[{"action": "for-each", "source": "a", "instructions": [{"action": "new", "destination": "d"}, {"source": "b", "destination": "d", "name": "n"}]}]"#,
        #"[{"a": [{"x": 1}, {"b": 1}]}]"#, []
      ),
      (
        #"[{"action": "for-each", "source": "a", "wrapValues": true, "instructions": [{"action": "new", "destination": "d"}, {"source": "value", "destination": "d", "name": "n"}]}]"#,
        #"[{"a": [1, 2]}]"#, []
      ),
      (
        #"[{"action": "if-exists", "source": "a", "then": [{"source": "b", "destination": "d", "name": "n"}], "else": [{"source": "c", "destination": "d", "name": "n"}]}]"#,
        #"[{"a": 1}]"#, ["b", "c"]
      ),
      (
        #"[{"action": "load", "destination": "d", "using": "u", "otherwise": [{"source": "d", "destination": "d", "name": "n"}]}]"#,
        "[]", ["d"]
      ),
      (
        #"[{"source": "a", "destination": "d", "name": "n"}, {"action": "if-exists", "source": "a"}]"#,
        "[{}]", ["a"]
      ),
    ] as [(String, String, [String])])
  func `names that no record has are found`(instructions: String, data: String, missing: [String]) throws {
    #expect(try self.missing(instructions, in: data) == missing)
  }

  @Test func `where a plugin makes the records no field is known`() throws {
    let fields = try fields(
      #"[{"source": "a", "destination": "d", "name": "n"}]"#, more: #", "recordProcessor": "x""#)
    #expect(fields.warnings.isEmpty)
    #expect(!fields.areKnown)
  }

  @Test func `fields of records that are arrays are their indexes`() throws {
    let instructions =
      #"[{"source": "0", "destination": "d", "name": "n"}, {"source": "2", "destination": "d", "name": "n"}]"#
    #expect(try missing(instructions, in: #"[["a", "b"], ["c"]]"#) == ["2"])
  }

  @Test func `a name is given with its place, and what one file has counts for all`() throws {
    let all = try fields(
      #"[{"source": "a", "destination": "d", "name": "n"}, {"source": "b", "destination": "d", "name": "n"}]"#
    )
    #expect(all.warnings.list.map { "\($0.line):\($0.column)" } == ["2:13", "2:63"])
    var table = TableValidator(separator: "\t", charset: .utf8, fields: all)
    Array("b\tx".utf8).withUnsafeBytes { table.take($0) }
    _ = table.finish()
    var union = all
    union.formUnion(table.fields)
    #expect(Self.names(union) == ["a"])
    union.see(ofRecords: 0)
    #expect(union.warnings.isEmpty)
  }

  @Test func `many fields cost time in proportion to their number`() throws {
    let names = (0..<20_000).map { "f\($0)" }
    let list = names.map { #"{"source": "\#($0)", "destination": "d", "name": "n"}"# }.joined(separator: ",")
    let all = try fields("[\(list)]")
    var validator = JSONRecordValidator(shape: .records, fields: all)
    let record = "[{\(names.map { "\"\($0)\": 1" }.joined(separator: ","))}]"
    Array(record.utf8).withUnsafeBytes { validator.take($0) }
    #expect(validator.finish().isEmpty)
    #expect(validator.fields.warnings.isEmpty)
    #expect(all.warnings.list.last?.message == "and 19980 more warnings, not listed")
  }
}
