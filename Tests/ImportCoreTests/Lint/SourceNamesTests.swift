import ImportCore
import Testing

@Suite struct SourceNamesTests {
  private func names(_ instructions: String, more: String = "") throws -> SourceNames {
    let text = "{\"instructions\": \(instructions)\(more)}"
    return SourceNames(control: try #require(JSONText(Array(text.utf8)).value))
  }

  private func missing(_ instructions: String, in data: String) throws -> [String] {
    var lint = JSONLint(shape: .any, names: try names(instructions))
    for piece in pieces(of: Array(data.utf8), 3) { piece.withUnsafeBytes { lint.take($0) } }
    #expect(!lint.finish().hasErrors)
    return lint.names.missing.map(\.name)
  }

  @Test(
    arguments: [
      (#"[{"source": "a"}, {"source": "b"}]"#, #"[{"a": 1}, {"c": 1}]"#, ["b"]),
      (#"[{"source": "a"}]"#, #"[{"x": {"a": 1}}]"#, ["a"]),
      (#"[{"source": "a"}]"#, #"[{"\u0061": 1}]"#, []),
      (#"[{"source": "é"}]"#, #"[{"\u00e9": 1}]"#, []),
      (#"[{"source": "😀"}]"#, #"[{"\ud83d\ude00": 1}]"#, []),
      (
        #"[{"action": "within", "source": "a", "instructions": [{"source": "b"}, {"source": "c"}]}]"#,
        #"[{"a": {"b": 1}, "c": 1}]"#, ["c"]
      ),
      (
        #"[{"action": "for-each", "source": "a", "instructions": [{"source": "b"}]}]"#,
        #"[{"a": [{"x": 1}, {"b": 1}]}]"#, []
      ),
      (
        #"[{"action": "for-each", "source": "a", "wrapValues": true, "instructions": [{"source": "value"}]}]"#,
        #"[{"a": [1, 2]}]"#, []
      ),
      (
        #"[{"action": "if-exists", "source": "a", "then": [{"source": "b"}], "else": [{"source": "c"}]}]"#,
        #"[{"a": 1}]"#, ["b", "c"]
      ),
      (#"[{"action": "load", "otherwise": [{"source": "d"}]}]"#, "[]", ["d"]),
      (#"[{"source": "a"}, {"action": "if-exists", "source": "a"}]"#, "[{}]", ["a"]),
    ] as [(String, String, [String])])
  func `names that no record has are found`(instructions: String, data: String, missing: [String]) throws {
    #expect(try self.missing(instructions, in: data) == missing)
  }

  @Test func `where a plugin makes the records nothing is looked for`() throws {
    #expect(try names(#"[{"source": "a"}]"#, more: #", "recordProcessor": "x""#).missing.isEmpty)
  }

  @Test func `a name is given with its place, and what one file has counts for all`() throws {
    let all = try names(#"[{"source": "a"}, {"source": "b"}]"#)
    #expect(all.missing.map(\.offset) == [29, 46])
    var table = TSVLint(separator: "\t", charset: .utf8, names: all)
    Array("b\tx".utf8).withUnsafeBytes { table.take($0) }
    _ = table.finish()
    var union = all
    union.formUnion(table.names)
    #expect(union.missing.map(\.name) == ["a"])
    union.see(ofRecords: 0)
    #expect(union.missing.isEmpty)
  }
}
