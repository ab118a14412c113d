import ImportCore
import Testing

@Suite struct JSONTextTests {
  private func findings(_ text: String) -> [String] { findings(Array(text.utf8)) }

  private func findings(_ bytes: [UInt8]) -> [String] {
    JSONText(bytes).findings.map { "\($0.line):\($0.column) \($0.message)" }
  }

  @Test func `a text is read with its places`() throws {
    let text = #" {"a": [1, -2.5e+3, true, null], "b": "\u00e9\ud83d\ude00\n\/"} "#
    let value = try #require(JSONText(Array(text.utf8)).value)
    #expect(value.offset == 1)
    #expect(
      value["a"]?.elements?.map(\.content) == [.number("1"), .number("-2.5e+3"), .boolean(true), .null])
    #expect(value["a"]?.elements?[1].offset == 11)
    #expect(value["b"]?.string == "é😀\n/")
    #expect(value.members?.map(\.keyOffset) == [2, 33])
  }

  @Test(arguments: [
    ("", "1:1 the text ends where a value is missing"),
    ("{\"a\": 1,\n  \"a\": 2}", "2:3 the key \"a\" stands here twice"),
    ("[1] x", "1:5 nothing may follow the value"),
    ("[1,]", "1:4 a value is missing"),
    ("{\"é\" 1}", "1:7 a colon is missing after the key"),
    ("{a: 1}", "1:2 a key in quotes is missing"),
    ("{\"a\": 1 \"b\": 2}", "1:9 ',' or '}' is missing in the object"),
    ("[1", "1:3 the text ends inside the array"),
    ("[01]", "1:3 ',' or ']' is missing in the array"),
    ("[1.]", "1:4 a digit is missing in the number"),
    ("[-]", "1:3 a digit is missing in the number"),
    ("[+1]", "1:2 a value is missing"),
    ("[nul]", "1:2 a value is missing"),
    ("\"a", "1:1 the string that begins here does not end"),
    ("\"a\tb\"", "1:3 a control character in a string must be written as an escape"),
    ("\"\\x\"", "1:2 no such escape in a string"),
    ("\"\\u12g4\"", "1:4 four hexadecimal digits are missing after \\u"),
    ("\"\\ud800\"", "1:2 half of a surrogate pair in a string"),
    ("\"\\udc00\\ud800\"", "1:2 half of a surrogate pair in a string"),
  ])
  func `whatever is wrong is found at its place`(text: String, finding: String) {
    #expect(findings(text) == [finding])
  }

  @Test func `a byte order mark is a finding, and the text is read on`() {
    let text = JSONText([0xEF, 0xBB, 0xBF] + Array("{}".utf8))
    #expect(text.value?.members == [])
    #expect(text.findings.map(\.message) == ["the text begins with a byte order mark (BOM)"])
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
