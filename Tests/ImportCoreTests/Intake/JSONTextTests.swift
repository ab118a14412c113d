import ImportCore
import Testing

@Suite struct JSONTextTests {
  private func findings(_ text: String) -> [String] { findings(Array(text.utf8)) }

  private func findings(_ bytes: [UInt8]) -> [String] {
    JSONText(bytes).findings.list.map { "\($0.line):\($0.column) \($0.message)" }
  }

  @Test func `a text is read with its places`() throws {
    let text = #" {"a": [1, -2.5e+3, true, null], "b": "\u00e9\ud83d\ude00\n\/"} "#
    let value = try #require(JSONText(Array(text.utf8)).value)
    #expect(value.offset == 1)
    #expect(value["a"]?.elements?.map(\.kind) == [.number, .number, .boolean, .null])
    #expect(value["a"]?.elements?.map(\.number) == ["1", "-2.5e+3", nil, nil])
    #expect(value["a"]?.elements?[1].offset == 11)
    #expect(value["b"]?.string == "é😀\n/")
    #expect(value.members?.map(\.name.offset) == [2, 33])
  }

  @Test(arguments: [
    ("", "1:1 unexpected end of file, expected a value"),
    ("{\"a\": 1,\n  \"a\": 2}", "2:3 duplicate key; the server uses the last one"),
    ("[1] x", "1:5 expected the end of the file after its one value, found 'x'"),
    ("[1,]", "1:4 expected a value, found ']' (trailing comma?)"),
    ("\"a", "1:1 unterminated string"), ("\"\\u12g4\"", "1:2 expected four hexadecimal digits after \\u"),
    ("[\"\\ud800\"]", "1:3 unpaired surrogate in a string"),
  ])
  func `whatever is wrong is found at its place`(text: String, finding: String) {
    #expect(findings(text) == [finding])
  }

  @Test func `a byte order mark is a finding, and the text is read on`() {
    let text = JSONText([0xEF, 0xBB, 0xBF] + Array("{}".utf8))
    #expect(text.value?.members?.isEmpty == true)
    #expect(
      text.findings.list.map(\.message) == [
        "the file begins with a byte order mark (BOM); the server does not read it"
      ])
  }

  @Test(arguments: [
    (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
    (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""a\u0000b""#, "a\0b"),
  ])
  func `escapes are decoded, and half a pair becomes a replacement character`(text: String, string: String) {
    #expect(JSONText(Array(text.utf8)).value?.string == string)
  }

  @Test func `of duplicate keys the last one counts, and every value has its end`() throws {
    let value = try #require(
      JSONText(Array(#"{"a": [1, {"b": []}], "a": "x", "\u0061": {"c": 2}}"#.utf8)).value)
    #expect(value["a"]?["c"]?.number == "2")
    #expect(value.members?.map(\.key) == ["a", "a", "a"])
    #expect(value.members?.first?.value.elements?.last?["b"]?.elements?.isEmpty == true)
  }

  @Test func `bytes that are not UTF-8 are found`() {
    #expect(findings(Array("[\n\"é".utf8) + [0xFF] + Array("\"]".utf8)) == ["2:4 the text is not UTF-8"])
  }

  @Test func `nesting is limited`() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(findings(nested(512)) == [])
    #expect(findings(nested(513)) == ["1:513 nested deeper than 512"])
    #expect(findings(String(repeating: "[", count: 1_000_000)) == ["1:513 nested deeper than 512"])
  }

  @Test func `two spellings of one letter are two keys`() {
    #expect(findings("{\"\u{e9}\": 1, \"e\u{301}\": 2}") == [])
  }
}
