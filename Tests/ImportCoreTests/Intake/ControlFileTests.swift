import ImportCore
import Testing

@Suite struct ControlFileTests {
  private static func text(
    version: String = #""dataImportControlFileVersion": 0, "#, model: String = #""model": "standard", "#,
    instructions: String = "[]", files: String = #"{"a": {"read": "json"}}"#
  ) -> String {
    "{\(version)\(model)\"instructions\": \(instructions), \"files\": \(files)}"
  }

  private func messages(_ text: String) -> [String] {
    guard case .invalid(let findings) = ControlFile.read(Array(text.utf8)) else { return [] }
    return findings.errors.map(\.message)
  }

  private func warnings(_ text: String) -> [String]? {
    guard case .valid(let control) = ControlFile.read(Array(text.utf8)) else { return nil }
    return control.findings.list.map { "\($0.line):\($0.column) \($0.message)" }
  }

  @Test func `the keys come in the order of the text, without DEFAULT`() throws {
    let files = #"{"z": {"read": "json"}, "DEFAULT": {"read": "json"}, "a": {"read": "made-by-a-plugin"}}"#
    guard case .valid(let control) = ControlFile.read(Array(Self.text(files: files).utf8)) else {
      Issue.record("not valid")
      return
    }
    #expect(control.files.map(\.key) == ["z", "a"])
    #expect(control.files.map(\.options.reader) == [.json, nil])
    #expect(control.files.map(\.place.description) == ["1:88", "1:140"])
    #expect(control.hasDefault)
  }

  @Test(arguments: [
    ("null", ["Not a control file: it is null, not an object"]),
    ("3", ["Not a control file: it is a number, not an object"]),
    (text(version: ""), ["Not a control file: it has no dataImportControlFileVersion"]),
    (
      text(version: #""dataImportControlFileVersion": 1, "#),
      ["Bad version of control file, should be 0"]
    ),
    (
      text(version: #""dataImportControlFileVersion": "0", "#),
      ["Bad version of control file, should be 0"]
    ),
    (text(model: ""), ["Control file does not specify model in the model property"]),
    (
      text(model: #""model": null, "#), ["Model not implemented: null"]
    ),
    (
      text(instructions: "{}"), ["instructions is an object, not an array; the server's job fails at it"]
    ),
    (text(files: "[]"), ["files is an array, not an object"]),
    (text(files: #"{"a": {"read": null}}"#), ["Unknown reader for file a: null"]),
    (text(files: #"{"a": 1}"#), ["Reader not specified for file a"]),
    (text(files: #"{"a": {}}"#), ["Reader not specified for file a"]),
    (text(files: #"{"DEFAULT": {}}"#), ["Reader not specified for file DEFAULT"]),
    (
      #"{"dataImportControlFileVersion": 0, "model": "m"}"#,
      [
        "Control file does not specify processing instructions in the instructions property",
        "Control file does not have files property",
      ]
    ),
  ])
  func `each rule of the server is checked`(text: String, expected: [String]) {
    #expect(messages(text) == expected)
  }

  @Test(arguments: [
    (#"{}"#, "Expected property not found in field instruction: source, destination, name"),
    (#"{"source": "s", "name": "n"}"#, "Expected property not found in field instruction: destination"),
    (
      #"{"action": "field-structured", "destination": "d", "name": "n"}"#,
      "Expected property not found in field-structured instruction: structured"
    ),
    (
      #"{"action": "set-value", "destination": "d", "name": "n"}"#,
      "Expected property not found in set-value instruction: value"
    ),
    (
      #"{"action": "remove-values", "name": "n"}"#,
      "Expected property not found in remove-values instruction: destination"
    ),
    (#"{"action": "if-exists"}"#, "Expected property not found in if-exists instruction: source"),
    (#"{"action": "if-value-one-of"}"#, "Expected property not found in if-value-one-of instruction: source"),
    (
      #"{"action": "if-has-value", "destination": "d"}"#,
      "Expected property not found in if-has-value instruction: name"
    ),
    (#"{"action": "within"}"#, "Expected property not found in within instruction: source"),
    (#"{"action": "for-each"}"#, "Expected property not found in for-each instruction: source"),
    (
      #"{"action": "assert-destination", "destination": "d"}"#,
      "Expected property not found in assert-destination instruction: exists"
    ),
    (#"{"action": "abort-record"}"#, "Expected property not found in abort-record instruction: message"),
    (#"{"action": "log-error"}"#, "Expected property not found in log-error instruction: message"),
    (#"{"action": "new"}"#, "Expected property not found in new instruction: destination"),
    (#"{"action": "load", "destination": "d"}"#, "Expected property not found in load instruction: using"),
    (
      #"{"action": "if-exists", "source": "s", "then": [{"action": "new"}]}"#,
      "Expected property not found in new instruction: destination"
    ),
    (
      #"{"action": "if-exists", "source": "s", "else": 1}"#,
      "else is a number, not an array; the server's job fails at it"
    ),
    (#"{"action": "made-by-a-plugin"}"#, "Unknown action in instruction: made-by-a-plugin"),
    (#"{"action": "constructor"}"#, "Unknown action in instruction: constructor"),
    (#"{"action": "toString"}"#, "Unknown action in instruction: toString"),
    (#"{"action": "__proto__"}"#, "Unknown action in instruction: __proto__"),
    (#"{"action": 7}"#, "Unknown action in instruction: 7"),
    (
      #"{"source": "s", "destination": "d", "name": "n", "filters": "f"}"#,
      "'filters' property is not an array"
    ),
    (
      #"{"action": "load", "destination": "d", "using": "u", "otherwise": [{"action": "fly"}]}"#,
      "Unknown action in instruction: fly"
    ),
    (
      #"{"action": "for-each", "source": "s", "instructions": [{"source": "a", "destination": "d", "name": "n"}]}"#,
      "Assigning values within for-each without a new/load statement or setting multivalue property will result"
        + " in overwritten data"
    ),
    (
      #"{"action": "for-each", "source": "s", "instructions": [{"source": "a", "destination": 7, "name": "n", "multivalue": true}]}"#,
      "destination is a number, not a string; the server fails at it"
    ),
    (
      #"{"action": "within", "source": "s", "instructions": [{"action": "new"}]}"#,
      "Expected property not found in new instruction: destination"
    ),
    (#"4"#, "an instruction is a number, not an object"),
  ])
  func `an instruction has what its action needs, in nested lists too`(instruction: String, message: String) {
    #expect(messages(Self.text(instructions: "[\(instruction)]")).contains(message))
  }

  @Test(arguments: [
    #"{"action": null, "source": "s", "destination": "d", "name": "n"}"#,
    #"{"action": false, "source": "s", "destination": "d", "name": "n"}"#,
    #"{"action": ["field"], "source": "s", "destination": "d", "name": "n"}"#,
    #"{"action": "if-exists", "source": "s", "then": null, "else": ""}"#,
    #"{"action": "within", "source": "s"}"#, #"{"action": "for-each", "source": "s", "instructions": null}"#,
    #"{"action": "for-each", "source": "s", "instructions": [{"action": "new", "destination": "d"}, {"action": "if-exists", "source": "a", "then": [{"source": "b", "destination": "d", "name": "n"}]}]}"#,
    #"{"action": "for-each", "source": "s", "instructions": [{"action": "if-exists", "source": "a", "then": [{"action": "new", "destination": "d"}]}, {"source": "b", "destination": "d", "name": "n"}]}"#,
    #"{"action": "for-each", "source": "s", "instructions": [{"source": "b", "destination": "d", "name": "n", "multivalue": 1}]}"#,
    #"{"action": "set-value", "destination": "d", "name": "n", "value": null, "filters": 1}"#,
  ])
  func `what the server accepts is accepted`(instruction: String) {
    #expect(messages(Self.text(instructions: "[\(instruction)]")) == [])
  }

  @Test(arguments: ["null", "false", "0", "\"\"", "[]"])
  func `no instructions are accepted in every form`(instructions: String) {
    #expect(warnings(Self.text(instructions: instructions)) == [])
  }

  @Test func `duplicate keys are a warning, and the last one counts`() {
    let text = Self.text(files: #"{"a": {}, "b": {"read": "json"}, "a": {"read": "tsv-with-name-row"}}"#)
    #expect(warnings(text) == ["1:120 duplicate key; the server uses the last one"])
    guard case .valid(let control) = ControlFile.read(Array(text.utf8)) else { return }
    #expect(control.files.map(\.key) == ["a", "b"])
    #expect(control.files.map(\.options.reader) == [.tsv, .json])
  }

  @Test func `names are compared byte for byte`() {
    let text = Self.text(files: "{\"\u{e9}\": {\"read\": \"json\"}, \"e\u{301}\": {\"read\": \"json\"}}")
    guard case .valid(let control) = ControlFile.read(Array(text.utf8)) else {
      Issue.record("not valid")
      return
    }
    #expect(control.files.count == 2)
    #expect(control.optionsByKey.count == 2)
  }

  @Test func `a plugin's reader and a misspelled charset are reported with their places`() {
    let files = #"{"a": {"read": "plugin"}, "b": {"read": "tsv-with-name-row", "charset": "latin-1"}}"#
    #expect(
      warnings(Self.text(files: files)) == [
        "1:102 unknown reader 'plugin'. If a plugin of your server provides it, ignore this; the file is not examined",
        "1:159 the server has no charset of this name; its name is 'latin1'",
      ])
  }

  /// A quadratic checker takes minutes for this.
  @Test func `half a million wrong instructions are counted in linear time`() {
    let zeros = Array(repeating: "0", count: 500_000).joined(separator: ",")
    guard case .invalid(let findings) = ControlFile.read(Array(Self.text(instructions: "[\(zeros)]").utf8))
    else {
      Issue.record("valid")
      return
    }
    #expect(findings.list.count == 21)
    #expect(findings.errorCount == 500_000)
    #expect(findings.list.last?.message == "and 499980 more errors, not listed")
  }

  @Test(arguments: [
    (Array("{\"a\": NaN}".utf8), "1:7: error: NaN is not JSON; write null"),
    (
      [0xFF, 0xFE, 0x7B, 0],
      "1:1: error: the text is UTF-16, not UTF-8; export it as UTF-8 without a byte order mark"
    ),
    ([0x1F, 0x8B, 8, 0], "1:1: error: the file is compressed (gzip); the server reads plain text only"),
  ])
  func `what is no JSON is named with its cause`(bytes: [UInt8], line: String) {
    guard case .invalid(let findings) = ControlFile.read(bytes) else {
      Issue.record("valid")
      return
    }
    #expect(findings.list.map { $0.text(for: "c") } == ["c:" + line])
  }

  @Test func `a finding names its place`() throws {
    let text =
      "{\n \"dataImportControlFileVersion\": 7, \"model\": \"m\",\n \"instructions\": [], \"files\": {}}"
    guard case .invalid(let findings) = ControlFile.read(Array(text.utf8)) else { throw Unexpected() }
    #expect(
      findings.list.map { $0.text(for: "hr/control.json") } == [
        "hr/control.json:2:34: error: Bad version of control file, should be 0"
      ])
  }

  @Test func `a control file over 16 MiB is refused unread`() {
    let bytes = [UInt8](repeating: 32, count: ControlFile.largest + 1)
    #expect(ControlFile.read(bytes) == .invalid(.tooLarge))
  }
}

/// Ends a test that met something else than it is about.
struct Unexpected: Error {}
