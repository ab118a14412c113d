import ImportCore
import Testing

/// Checks a text in pieces of `size` bytes, as a file that is read block by block.
func lint(_ bytes: [UInt8], pieces size: Int = .max, _ shape: JSONLint.Shape = .any) -> [String] {
  var lint = JSONLint(shape: shape)
  for piece in pieces(of: bytes, size) { piece.withUnsafeBytes { lint.take($0) } }
  return lines(lint.finish())
}

func pieces(of bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
  stride(from: 0, to: bytes.count, by: min(size, max(bytes.count, 1))).map {
    bytes[$0..<min(bytes.count, $0 + min(size, bytes.count))]
  }
}

func lines(_ findings: LintFindings) -> [String] {
  findings.list.map { "\($0.line):\($0.column) \($0.severity.rawValue) \($0.message)" }
}

@Suite struct JSONLintTests {
  @Test(arguments: [
    (#"[{"a": 1, "b": [true, null, {"c": -2.5e+3}]}, {}]"#, JSONLint.Shape.records), ("[]", .records),
    (#"{"a": "\u00e9\ud83d\ude00\n"}"#, .singleRecord), (" [ ] \r\n\t", .any), ("{}", .any),
  ])
  func `what is well-formed and of the right shape has no findings`(text: String, shape: JSONLint.Shape) {
    for size in [1, 2, 3, 7, Int.max] { #expect(lint(Array(text.utf8), pieces: size, shape) == []) }
  }

  @Test(arguments: [
    ("", "1:1 error the text ends where a value is missing"),
    ("[{\"a\": 1,\n  \"a\": 2}]", "2:3 warning this key stands twice in its object; the last one counts"),
    (
      "[{\"a\": 1,\n  \"\\u0061\": 2}]",
      "2:3 warning this key stands twice in its object; the last one counts"
    ),
    ("[{}]\n x", "2:2 error nothing may follow the value"),
    ("[{},]", "1:5 error a value is missing"),
    ("{\"é\" 1}", "1:7 error a colon is missing after the key"),
    ("{a: 1}", "1:2 error a key in quotes is missing"),
    ("{\"a\": 1 \"b\": 2}", "1:9 error ',' or '}' is missing in the object"),
    ("{\"a\": 1,", "1:9 error a key in quotes is missing"),
    ("[{}", "1:4 error the text ends inside the array"),
    ("{\"a\": 01}", "1:8 error ',' or '}' is missing in the object"),
    ("{\"a\": 1.}", "1:9 error a digit is missing in the number"),
    ("{\"a\": nul}", "1:7 error a value is missing"),
    ("{\"a\": \"b", "1:7 error the string that begins here does not end"),
    ("{\"a\": \"b\tc\"}", "1:9 error a control character in a string must be written as an escape"),
    ("{\"a\": \"\\x\"}", "1:8 error no such escape in a string"),
    ("{\"a\": \"\\u12g4\"}", "1:10 error four hexadecimal digits are missing after \\u"),
    ("{\"a\": \"\\ud800\"}", "1:8 warning half of a surrogate pair in a string"),
    ("{\"a\": \"\\udc00x\"}", "1:8 warning half of a surrogate pair in a string"),
    ("{'a': 1}", "1:2 error a key in quotes is missing"),
    ("{\"a\": NaN}", "1:7 error a value is missing"),
    ("// x\n[]", "1:1 error a value is missing"),
  ])
  func `whatever is wrong is found at its place, however the file is cut`(text: String, finding: String) {
    for size in [1, 2, 3, 7, Int.max] { #expect(lint(Array(text.utf8), pieces: size) == [finding]) }
  }

  @Test(
    arguments: [
      ([0xFF], "2:4"), ([0xC3], "2:4"), ([0xC0, 0x80], "2:4"), ([0xED, 0xA0, 0x80], "2:4"),
      ([0xF4, 0x90, 0x80, 0x80], "2:4"), ([0x41, 0x80], "2:5"), ([0xC3, 0xA9, 0xE2, 0x82], "2:6"),
    ] as [([UInt8], String)])
  func `bytes that are not UTF-8 are an error`(bytes: [UInt8], place: String) {
    let text = Array("[{\n\"a".utf8) + bytes + Array("\": 1}]".utf8)
    // The name begins in column 1: the quotation mark, `a`, and here `b`.
    let shifted = Array("[{\n\"ab".utf8) + bytes + Array("\": 1}]".utf8)
    for size in [1, 2, Int.max] {
      #expect(lint(shifted, pieces: size) == ["\(place) error the text is not UTF-8"])
      #expect(lint(text, pieces: size).count == 1)
    }
  }

  @Test func `a byte order mark is an error, and the file is checked on`() {
    let text = [0xEF, 0xBB, 0xBF] + Array("[{}] x".utf8)
    for size in [1, 2, Int.max] {
      #expect(
        lint(text, pieces: size) == [
          "1:1 error the text begins with a byte order mark (BOM)", "1:9 error nothing may follow the value",
        ])
    }
  }

  @Test(arguments: [
    (
      "{\"a\": []}", JSONLint.Shape.records,
      "1:1 error the file holds an object, not an array of objects; "
        + "with \"singleRecord\": true in the control file it would be one record"
    ),
    ("7", .records, "1:1 error the file holds a number, not an array of objects"),
    ("[{}, 7]", .records, "1:6 error a record is a number, not an object"),
    ("[null]", .any, "1:2 error a record is null, not an object"),
    ("[[{}]]", .records, "1:2 error a record is an array, not an object"),
    ("[{}]", .singleRecord, "1:1 error the one record is an array, not an object"),
    ("\"x\"", .any, "1:1 error the file holds a string, not an array of objects"),
  ])
  func `the wrong shape is an error`(text: String, shape: JSONLint.Shape, finding: String) {
    #expect(lint(Array(text.utf8), shape) == [finding])
  }

  @Test func `nesting is limited`() {
    func nested(_ depth: Int) -> [UInt8] {
      Array(
        ("{\"a\":" + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}")
          .utf8)
    }
    #expect(lint(nested(512)) == [])
    #expect(lint(nested(513)) == ["1:517 error nested deeper than 512"])
  }

  @Test func `a key of a large object that stands twice is found`() {
    let many = (0..<1000).map { "\"k\($0)\": \($0)" }.joined(separator: ",\n")
    #expect(
      lint(Array("[{\(many), \"k777\": 0}, {\(many)}]".utf8)) == [
        "1000:14 warning this key stands twice in its object; the last one counts"
      ])
  }

  @Test func `of many findings a hundred are kept`() {
    let text =
      Array("[".utf8) + Array(Array(repeating: "{\"a\":1,\"a\":2}", count: 250).joined(separator: ",").utf8)
      + Array("]".utf8)
    var lint = JSONLint(shape: .records)
    text.withUnsafeBytes { lint.take($0) }
    let findings = lint.finish()
    #expect(findings.list.count == 100)
    #expect(findings.dropped == 150)
    #expect(!findings.hasErrors)
  }

  /// The reader of control files is the model: it holds the whole text, and was written for clearness.
  @Test(arguments: 0..<40)
  func `a damaged text is judged as the reader of control files judges it`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      var text = Array(#"{"a": [1, -0.5e+7, true, {"b": "x\n\u00e9é"}], "c": null, "d": {}}"#.utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) { damage(&text, &random) }
      let model = JSONText(text)
      let expected = model.findings.filter {
        !$0.message.contains("twice") && !$0.message.contains("surrogate")
      }
      let found = lint(text, pieces: Int.random(in: 1...9, using: &random)).filter {
        $0.contains(" error ") && !$0.contains("not an object") && !$0.contains("not an array of objects")
      }
      if expected.contains(where: { $0.message.contains("UTF-8") }) {
        // The model looks for these before anything else; what comes first in the text is as good a reason.
        #expect(!found.isEmpty)
      } else if model.findings.contains(where: { $0.message.contains("surrogate") }) {
        continue
      } else {
        #expect(
          found == expected.map { "\($0.line):\($0.column) error \($0.message)" },
          "\(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  private func damage(_ text: inout [UInt8], _ random: inout SeededGenerator) {
    let at = Int.random(in: 0..<text.count, using: &random)
    let byte = Array("{}[]\",:\\ue019.- \ntn\u{1}é".utf8).randomElement(using: &random)!
    switch Int.random(in: 0..<4, using: &random) {
    case 0: text[at] = byte
    case 1: text.insert(byte, at: at)
    case 2: if text.count > 1 { text.remove(at: at) }
    default: text.removeLast(Int.random(in: 0..<text.count, using: &random))
    }
  }
}

/// Random numbers that are the same in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
