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
    return findings.map(\.message)
  }

  @Test func `the keys come in the order of the text, without DEFAULT`() throws {
    let files = #"{"z": {"read": "json"}, "DEFAULT": {"read": "json"}, "a": {"read": "made-by-a-plugin"}}"#
    guard case .valid(let control) = ControlFile.read(Array(Self.text(files: files).utf8)) else {
      Issue.record("not valid")
      return
    }
    #expect(control.files.map(\.key) == ["z", "a"])
    #expect(control.files.map(\.reader) == ["json", "made-by-a-plugin"])
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
    (text(instructions: "{}"), ["instructions is an object, not an array"]),
    (text(files: "[]"), ["Control file does not have files property"]),
    (text(files: #"{"a": {}}"#), ["Reader not specified for file a"]),
    (text(files: #"{"DEFAULT": {}}"#), ["Reader not specified for file DEFAULT"]),
    (text(files: #"{"a": {"read": "json"}, "a": {"read": "json"}}"#), ["the key \"a\" stands here twice"]),
    (
      #"{"dataImportControlFileVersion": 0, "model": "m"}"#,
      [
        "Control file does not have instructions property", "Control file does not have files property",
      ]
    ),
  ])
  func `each rule of the server is checked`(text: String, expected: [String]) {
    #expect(messages(text) == expected)
  }

  @Test(arguments: [
    (#"{}"#, "instruction field does not have property source"),
    (#"{"source": "s", "name": "n"}"#, "instruction field does not have property destination"),
    (
      #"{"action": "field-structured", "destination": "d", "name": "n"}"#,
      "instruction field-structured does not have property structured"
    ),
    (
      #"{"action": "set-value", "destination": "d", "name": "n"}"#,
      "instruction set-value does not have property value"
    ),
    (
      #"{"action": "remove-values", "name": "n"}"#,
      "instruction remove-values does not have property destination"
    ),
    (#"{"action": "if-exists"}"#, "instruction if-exists does not have property source"),
    (#"{"action": "if-value-one-of"}"#, "instruction if-value-one-of does not have property source"),
    (
      #"{"action": "if-has-value", "destination": "d"}"#,
      "instruction if-has-value does not have property name"
    ),
    (#"{"action": "within"}"#, "instruction within does not have property source"),
    (#"{"action": "for-each"}"#, "instruction for-each does not have property source"),
    (
      #"{"action": "assert-destination", "destination": "d"}"#,
      "instruction assert-destination does not have property exists"
    ),
    (#"{"action": "abort-record"}"#, "instruction abort-record does not have property message"),
    (#"{"action": "log-error"}"#, "instruction log-error does not have property message"),
    (#"{"action": "new"}"#, "instruction new does not have property destination"),
    (#"{"action": "load", "destination": "d"}"#, "instruction load does not have property using"),
    (
      #"{"action": "if-exists", "source": "s", "then": [{"action": "new"}]}"#,
      "instruction new does not have property destination"
    ),
    (#"{"action": "if-exists", "source": "s", "else": 1}"#, "else is a number, not an array"),
    (
      #"{"action": "within", "source": "s", "instructions": [{"action": "new"}]}"#,
      "instruction new does not have property destination"
    ),
    (#"4"#, "an instruction is a number, not an object"),
  ])
  func `an instruction has what its action needs, in nested lists too`(instruction: String, message: String) {
    #expect(messages(Self.text(instructions: "[\(instruction)]")).contains(message))
  }

  @Test func `actions that a plugin may have added are left to the server`() {
    #expect(messages(Self.text(instructions: #"[{"action": "made-by-a-plugin"}]"#)) == [])
  }

  @Test func `a finding names its place`() throws {
    let text =
      "{\n \"dataImportControlFileVersion\": 7, \"model\": \"m\",\n \"instructions\": [], \"files\": {}}"
    guard case .invalid(let findings) = ControlFile.read(Array(text.utf8)) else { throw Unexpected() }
    #expect(
      findings.map { $0.line(for: "hr/control.json") } == [
        "hr/control.json:2:34: error: Bad version of control file, should be 0"
      ])
  }

  @Test func `a control file over 16 MiB is refused unread`() {
    let bytes = [UInt8](repeating: 32, count: ControlFile.largest + 1)
    #expect(
      ControlFile.read(bytes) == .invalid([TextFinding(line: 1, column: 1, message: ControlFile.tooLarge)]))
  }
}

/// Ends a test that met something else than it is about.
struct Unexpected: Error {}
