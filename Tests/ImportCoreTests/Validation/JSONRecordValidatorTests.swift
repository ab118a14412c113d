import ImportCore
import Testing

/// Checks a text in pieces of `size` bytes, as a file that is read block by block.
func lint(_ bytes: [UInt8], pieces size: Int = .max, _ shape: JSONRecordValidator.Shape = .any) -> [String] {
  var lint = JSONRecordValidator(shape: shape)
  for piece in pieces(of: bytes, size) { piece.withUnsafeBytes { lint.take($0) } }
  return lines(lint.finish())
}

func pieces(of bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
  stride(from: 0, to: bytes.count, by: min(size, max(bytes.count, 1))).map {
    bytes[$0..<min(bytes.count, $0 + min(size, bytes.count))]
  }
}

func lines(_ findings: ValidationFindings) -> [String] {
  findings.list.map { "\($0.line):\($0.column) \($0.severity.rawValue) \($0.message)" }
}

@Suite struct JSONRecordValidatorTests {
  @Test(arguments: [
    (#"[{"a": 1, "b": [true, null, {"c": -2.5e+3}]}, {}]"#, JSONRecordValidator.Shape.records),
    ("[]", .records),
    (#"{"a": "\u00e9\ud83d\ude00\n"}"#, .singleRecord), (" [ ] \r\n\t", .any), ("{}", .any),
    (#"{"e1": {"a": 1}, "e2": {}}"#, .records), ("[[1, null], [2, 3]]", .records), ("[1, 2]", .singleRecord),
    ("null", .records),
  ])
  func `what is well-formed and of the right shape has no findings`(
    text: String, shape: JSONRecordValidator.Shape
  ) {
    for size in [1, 2, 3, 7, Int.max] { #expect(lint(Array(text.utf8), pieces: size, shape) == []) }
  }

  @Test(arguments: [
    ("", "1:1 error unexpected end of file, expected a value"),
    ("[{\"a\": 1,\n  \"a\": 2}]", "2:3 warning duplicate key; the server uses the last one"),
    (
      "[{\"a\": 1,\n  \"\\u0061\": 2}]",
      "2:3 warning duplicate key; the server uses the last one"
    ),
    ("[{}]\n x", "2:2 error expected the end of the file after its one value, found 'x'"),
    ("[{},]", "1:5 error expected a value, found ']' (trailing comma?)"),
    ("{\"é\" 1}", "1:7 error expected ':' after the key, found '1'"),
    ("{a: 1}", "1:2 error expected a quoted key, found 'a'"),
    ("{\"a\": 1 \"b\": 2}", "1:9 error expected ',' or '}', found '\"'"),
    ("{\"a\": 1,", "1:9 error unexpected end of file, expected a quoted key"),
    ("{\"a\": 1,}", "1:9 error expected a quoted key, found '}' (trailing comma?)"),
    ("{\"a\"", "1:5 error unexpected end of file, expected ':'"),
    ("{\"a\": -", "1:8 error unexpected end of file, expected a digit"),
    ("[{}", "1:4 error unexpected end of file, expected ',' or ']'"),
    ("{\"a\": 01}", "1:8 error expected ',' or '}', found '1'"),
    ("{\"a\": 1.}", "1:9 error expected a digit in the number, found '}'"),
    ("{\"a\": nul}", "1:7 error expected a value, found 'n'"),
    ("{\"a\": \"b", "1:7 error unterminated string"),
    ("{\"a\": \"b\tc\"}", "1:9 error unescaped control character in a string"),
    ("{\"a\": \"\\x\"}", "1:8 error unknown escape in a string"),
    ("{\"a\": \"\\u12g4\"}", "1:8 error expected four hexadecimal digits after \\u"),
    ("{\"a\": \"\\ud800\"}", "1:8 warning unpaired surrogate in a string"),
    ("{\"a\": \"\\udc00x\"}", "1:8 warning unpaired surrogate in a string"),
    ("{'a': 1}", "1:2 error expected a quoted key, found '''"),
    ("{\"a\": NaN}", "1:7 error NaN is not JSON; write null"),
    ("[-Infinity]", "1:3 error infinite and undefined numbers are not JSON; write null"),
    ("[Infinity]", "1:2 error Infinity is not JSON; write null"),
    ("{\"a\": True}", "1:7 error True is not JSON; write true"),
    ("// x\n[]", "1:1 error expected a value, found '/' (JSON has no comments)"),
    ("<r/>", "1:1 error expected a value, found '<' (the file looks like XML)"),
    ("[[{}", "1:5 error unexpected end of file, expected ',' or ']'"),
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
          "1:1 error the file begins with a byte order mark (BOM); the server does not read it",
          "1:9 error expected the end of the file after its one value, found 'x'",
        ])
    }
  }

  @Test(arguments: [
    ("7", JSONRecordValidator.Shape.records, "1:1 error the file holds a number, not an array of records"),
    (
      "[{}, 7]", .records,
      "1:6 error a record is a number, not an object or array, so the server reads no field of it"
    ),
    ("[{}, null]", .records, "1:6 error a record is null; the server's job fails at it"),
    ("{\"a\": null}", .records, "1:7 error a record is null; the server's job fails at it"),
    ("null", .singleRecord, "1:1 error a record is null; the server's job fails at it"),
    (
      "{\"id\": 7}", .records,
      "1:8 error a record is a number, not an object or array, so the server reads no field of it; if the file is"
        + " one record, set \"singleRecord\": true in the control file"
    ),
    ("\"x\"", .any, "1:1 error the file holds a string, not an array of records"),
  ])
  func `the wrong shape is an error`(text: String, shape: JSONRecordValidator.Shape, finding: String) {
    #expect(lint(Array(text.utf8), shape) == [finding])
  }

  @Test(arguments: [
    (#"[{"a": 1}, {}]"#, JSONRecordValidator.Shape.records, 2), ("[[1, 2], {}]", .records, 2),
    (#"{"e1": {"a": 1}, "e2": {"a": 2}, "e3": []}"#, .records, 3), (#"{"e": {}, "e": {}}"#, .records, 1),
    ("[]", .records, 0), ("{}", .records, 0), ("null", .records, 0), ("[[1], [2]]", .singleRecord, 1),
    (#"{"a": {"b": 1}}"#, .singleRecord, 1),
  ])
  func `records are counted as the server reads them, without an error`(
    text: String, shape: JSONRecordValidator.Shape, records: Int
  ) {
    for size in [1, 3, Int.max] {
      var validator = JSONRecordValidator(shape: shape)
      for piece in pieces(of: Array(text.utf8), size) { piece.withUnsafeBytes { validator.take($0) } }
      #expect(!validator.finish().hasErrors)
      #expect(validator.records == records)
    }
  }

  @Test(arguments: [
    ("id,name\n1,Ada\n", "1:1 error the file is a table (CSV or TSV), not JSON"),
    ("\"id\";\"name\"\n", "1:1 error the file is a table (CSV or TSV), not JSON"),
    ("1\t2\n", "1:3 error expected the end of the file"), ("4711,Ada\n", "1:1 error the file is a table"),
    ("hello world\n1,2", "1:1 error expected a value, found 'h'"),
    ("{\"a\": 1}\n{\"a\": 2}", "2:1 error expected the end of the file after its one value, found '{'"),
  ])
  func `a table under the json reader is named as such`(text: String, finding: String) {
    for size in [1, 2, 7, Int.max] {
      let found = lint(Array(text.utf8), pieces: size, .records).filter { $0.contains("error") }
      #expect(found.last?.hasPrefix(finding) == true, "\(found)")
    }
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE, 0x5B, 0], "the text is UTF-16, not UTF-8"),
      ([0xFE, 0xFF, 0, 0x5B], "the text is UTF-16, not UTF-8"),
      ([0x5B, 0, 0x5D, 0], "the text is UTF-16, not UTF-8"),
      ([0, 0x5B, 0, 0x5D], "the text is UTF-16, not UTF-8"),
      ([0x1F, 0x8B, 8, 0], "the file is compressed (gzip)"),
      ([0x50, 0x4B, 3, 4], "the file is a ZIP archive"),
    ] as [([UInt8], String)])
  func `another encoding or a compressed file is named as such`(bytes: [UInt8], text: String) {
    for size in [1, 2, Int.max] {
      let found = lint(bytes + Array("rest".utf8), pieces: size, .records)
      #expect(found.count == 1)
      #expect(found.first?.hasPrefix("1:1 error \(text)") == true, "\(found)")
    }
  }

  @Test(arguments: [
    ("9007199254740992", false), ("9007199254740993", true), ("-9007199254740993", true),
    ("123456789012345678901234567890", true), ("9007199254740993.5", false), ("1e300", false),
  ])
  func `integers above 2^53 are a warning`(number: String, isRounded: Bool) {
    for text in ["[{\"a\": \(number)}]", "[{\"a\": [\(number)"] {
      let found = lint(Array(text.utf8), pieces: 5).filter { $0.contains("warning") }
      #expect(found.isEmpty != isRounded)
      if isRounded { #expect(found.first?.contains("rounds integers above 9007199254740992") == true) }
    }
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
        "1000:14 warning duplicate key; the server uses the last one"
      ])
  }

  @Test func `of many findings twenty are kept, errors before warnings, and the others counted`() {
    let pairs = Array(repeating: #"{"a":1,"a":2}"#, count: 30) + Array(repeating: "7", count: 5)
    let found = lint(Array("[\(pairs.joined(separator: ","))]".utf8), .records)
    #expect(found.count == 21)
    #expect(found.count { $0.contains(" error a record is a number") } == 5)
    #expect(found.count { $0.contains("duplicate key") } == 15)
    #expect(found.last == "1:1 warning and 15 more warnings, not listed")
    let numbers = Array("[\(Array(repeating: "7", count: 35).joined(separator: ","))]".utf8)
    #expect(lint(numbers, .records).last == "1:1 error and 15 more errors, not listed")
  }

  @Test func `five million findings cost no memory`() {
    var validator = JSONRecordValidator(shape: .records)
    let piece = Array(repeating: Array("1,".utf8), count: 1 << 15).flatMap(\.self)
    [UInt8(ascii: "[")].withUnsafeBytes { validator.take($0) }
    for _ in 0..<20 { piece.withUnsafeBytes { validator.take($0) } }
    Array("{}]".utf8).withUnsafeBytes { validator.take($0) }
    let findings = validator.finish()
    #expect(findings.list.count == 21)
    #expect(findings.errorCount == 20 << 15)
    #expect(validator.records == 20 << 15 + 1)
  }

  /// The same parser reads whole texts; how a text is cut must change nothing.
  @Test(arguments: 0..<40)
  func `a damaged text is judged alike, however it is cut`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      var text = Array(#"{"a": [1, -0.5e+7, true, {"b": "x\n\u00e9é"}], "c": [], "d": {}}"#.utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) { damage(&text, &random) }
      let whole = lint(text, .any)
      #expect(lint(text, pieces: Int.random(in: 1...9, using: &random), .any) == whole)
      #expect(
        JSONText(text).findings.list.filter { !$0.message.contains("the file holds") }.count
          == whole.filter { !$0.contains("the file holds") }.count)
      #expect(
        (JSONText(text).value == nil)
          == whole.contains {
            $0.contains(" error ") && !$0.contains("the file holds") && !$0.contains("BOM")
          },
        "\(String(decoding: text, as: UTF8.self)) \(whole)")
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
