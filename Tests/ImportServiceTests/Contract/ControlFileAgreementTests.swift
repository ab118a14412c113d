import Testing

import struct ImportCore.ControlFile
import struct ImportCore.ValidationFinding
@testable import struct HaploSimulator.ControlFileCheck
@testable import struct HaploSimulator.SimulatorOptions

/// Our rules for control files and the simulator's, written apart from each other, judge alike. Both differ on purpose
/// only in what a manual page lists: what the server leaves for the job to fail at.
@Suite struct ControlFileAgreementTests {
  /// Models and readers, which are the server's to judge: it knows all names that occur here.
  private static let names: Set<String> = [
    "a:b", "\u{FFFD}a:b", "json", "x", "field", "for-each", "within", "new", "d", "constructor",
  ]

  /// The server's word: nil for a file that it takes.
  private func server(_ text: String) -> String? {
    let check = ControlFileCheck(models: Self.names, readers: Self.names)
    return check.refusal(of: Array(text.utf8)).map { "\($0.status)" }
  }

  private func errors(_ text: String) -> [String] {
    guard case .invalid(let findings) = ControlFile.read(Array(text.utf8)) else { return [] }
    return findings.errors.map(\.message)
  }

  /// True for an error that the server finds only when the job runs.
  private func isOfTheJob(_ message: String) -> Bool {
    message.contains("server's job fails") || message.hasPrefix("files is ") || message.contains("not listed")
  }

  private func expectAgreement(_ text: String, _ seed: String = "") {
    let refusal = server(text)
    let errors = errors(text)
    if refusal == nil {
      #expect(errors.allSatisfy(isOfTheJob), "only we refuse \(text): \(errors) \(seed)")
    } else {
      #expect(!errors.isEmpty, "only the server refuses \(text): \(refusal ?? "") \(seed)")
    }
  }

  private static func text(_ instructions: String = "[]", files: String = #"{"a": {"read": "json"}}"#)
    -> String
  {
    #"{"dataImportControlFileVersion": 0, "model": "a:b", "instructions": \#(instructions), "files": \#(files)}"#
  }

  private static let field = #"{"source": "s", "destination": "d", "name": "n"}"#

  static let table: [String] =
    [
      "null", "7", "true", "\"x\"", "[]", "{}", "", "{", "[1,]", "{\"a\": 1,}", "\u{FEFF}{}", "{} x",
      #"{"dataImportControlFileVersion": "0"}"#, #"{"dataImportControlFileVersion": -0.0}"#,
      text("null"), text("false"), text("0"), text("\"\""), text("{}"), text("7"), text("true"),
      text("\"x\""),
      text(#"{"length": 1}"#), text("[null]"), text("[7]"), text("[[]]"), text(#"["x"]"#), text("[{}]"),
      text(files: "{}"), text(files: "null"), text(files: "[]"), text(files: "\"x\""),
      text(files: #"{"a": null}"#),
      text(files: #"{"a": []}"#), text(files: #"{"a": {"read": null}}"#),
      text(files: #"{"a": {"read": ["json"]}}"#),
      text(files: #"{"a": {}, "a": {"read": "json"}}"#), text(files: #"{"a": {"read": "json"}, "a": {}}"#),
      text(files: #"{"DEFAULT": {"read": "json"}}"#), text(files: #"{"é": {"read": "json"}}"#),
      text(#"[{"action": "fly"}]"#), text(#"[{"action": {}}]"#), text(#"[{"action": []}]"#),
      text(#"[{"action": 7}]"#),
      #"{"dataImportControlFileVersion": 0, "model": null, "instructions": [], "files": {}}"#,
      #"{"dataImportControlFileVersion": 0, "model": "a:b", "model": 1, "instructions": [], "files": {}}"#,
      #"{"dataImportControlFileVersion": 0, "model": "a:b", "instructions": [], "files": {}, "recordProcessor": null}"#,
      #"{"dataImportControlFileVersion": 0, "model": "a:b", "instructions": [], "files": {}, "recordProcessor": "p"}"#,
      #"{"dataImportControlFileVersion": 0, "model": "\ud800a:b", "instructions": [], "files": {}}"#,
    ]
    + [
      "null", "false", "0", "\"\"", "\"field\"", "[\"field\"]", "\"constructor\"", "\"toString\"",
      "\"__proto__\"",
    ].map {
      text(#"[{"action": \#($0), "source": "s", "destination": "d", "name": "n"}]"#)
    }
    + ["null", "false", "0", "\"\"", "[]", "{}", "7", "true", "\"x\"", "[{}]", "[\(field)]"].flatMap { list in
      [
        text(#"[{"action": "if-exists", "source": "s", "then": \#(list)}]"#),
        text(#"[{"action": "if-exists", "source": "s", "else": \#(list)}]"#),
        text(#"[{"action": "within", "source": "s", "instructions": \#(list)}]"#),
        text(#"[{"action": "for-each", "source": "s", "instructions": \#(list)}]"#),
        text(#"[{"source": "s", "destination": "d", "name": "n", "filters": \#(list)}]"#),
      ]
    }
    + [
      #"{"action": "new", "destination": "d"}, \#(field)"#,
      #"{"action": "new", "destination": "e"}, \#(field)"#,
      #"{"action": "load", "destination": "d", "using": "u"}, \#(field)"#,
      #"\#(field), {"action": "new", "destination": "d"}"#,
      #"{"source": "s", "destination": "d", "name": "n", "multivalue": true}"#,
      #"{"source": "s", "destination": 7, "name": "n", "multivalue": true}"#,
      #"{"action": "within", "source": "s", "instructions": [{"action": "new", "destination": "d"}]}, \#(field)"#,
      #"{"action": "new", "destination": "d"}, {"action": "for-each", "source": "s", "instructions": [\#(field)]}"#,
      #"{"action": "new", "destination": 7}"#, #"{"action": "remove-values", "destination": 7, "name": "n"}"#,
      #"{"action": "set-value", "destination": "d", "name": "n", "value": null}"#,
    ].map { text(#"[{"action": "for-each", "source": "s", "instructions": [\#($0)]}]"#) }

  @Test(arguments: table) func `the table is judged alike`(text: String) { expectAgreement(text) }

  @Test func `an error that only the job meets is one for us`() {
    for list in ["{}", "7", "true"] {
      let text = Self.text(#"[{"action": "if-exists", "source": "s", "then": \#(list)}]"#)
      #expect(server(text) == nil)
      #expect(errors(text).contains { $0.contains("the server's job fails at it") })
    }
  }

  @Test func `what we refuse on purpose the server takes`() {
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    let text = Self.text().dropLast() + #", "x": \#(deep)}"#
    #expect(errors(String(text)).contains { $0.contains("nested deeper than 512") })
  }

  /// Values that a mutation puts in the place of others.
  private static let values = [
    "null", "true", "false", "0", "7", "-0", "\"\"", "\"x\"", "[]", "{}", "[7]", "[null]", "\"field\"",
    "\"for-each\"",
    "\"within\"", "\"new\"", "\"d\"", "\"constructor\"", "[\"json\"]", "{\"read\": \"json\"}", "[\(field)]",
    #"[{"action": "new", "destination": "d"}, \#(field)]"#,
    #"{"action": "for-each", "source": "s", "instructions": [\#(field)]}"#,
  ]

  @Test(arguments: 0..<60) func `random control files are judged alike`(seed: UInt64) {
    var random = AgreementGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    for _ in 0..<60 {
      let text = Self.mutated(&random)
      expectAgreement(text, "seed \(seed)")
    }
  }

  /// A control file whose parts are exchanged at random: whole values and keys, so that most of them stay JSON.
  private static func mutated(_ random: inout AgreementGenerator) -> String {
    var parts = [
      "{", "\"dataImportControlFileVersion\"", ":", "0", ",", "\"model\"", ":", "\"a:b\"", ",",
      "\"instructions\"", ":",
      "[", "{", "\"action\"", ":", "\"for-each\"", ",", "\"source\"", ":", "\"s\"", ",", "\"instructions\"",
      ":", "[",
      "{", "\"action\"", ":", "\"new\"", ",", "\"destination\"", ":", "\"d\"", "}", ",", "{", "\"source\"",
      ":", "\"a\"", ",",
      "\"destination\"", ":", "\"d\"", ",", "\"name\"", ":", "\"n\"", "}", "]", "}", ",", "{", "\"action\"",
      ":",
      "\"if-exists\"", ",", "\"source\"", ":", "\"s\"", ",", "\"then\"", ":", "[", "]", "}", "]", ",",
      "\"files\"", ":", "{",
      "\"a\"", ":", "{", "\"read\"", ":", "\"json\"", "}", "}", "}",
    ]
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let places = parts.indices.filter {
        $0 > 0 && parts[$0 - 1] == ":" && !"[{".contains(parts[$0]) || parts[$0] == "]"
      }
      let at = places.randomElement(using: &random)!
      let value = values.randomElement(using: &random)!
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where parts[at] != "]" && parts[at - 2].hasPrefix("\""): parts[at - 2] = "\"other\""
      case 1 where parts[at] != "]" && parts[at - 2].hasPrefix("\""):
        parts[at] += ", \(parts[at - 2]): \(value)"
      case _ where parts[at] == "]": parts[at] = (parts[at - 1] == "[" ? "" : ", ") + value + "]"
      default: parts[at] = value
      }
    }
    return parts.joined(separator: " ")
  }
}

/// Random numbers that are the same in each run (SplitMix64).
private struct AgreementGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
