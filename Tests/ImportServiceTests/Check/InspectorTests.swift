import Glibc
import ImportCore
@testable import ImportStorage
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// What the daemon reads of a set that it has taken, with each depth of `Check=`.
@Suite final class InspectorTests {
  private let root: String
  private let spool: Spool
  private let delivery: Delivery

  init() throws {
    var template = Array("/tmp/haplo-inspect-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    spool = try Spool(path: root, fileSystem: FileSystem())
    let set = try #require(SetID("20261124T070512Z-hr-7f3k2m9q"))
    let claim = Claim(
      form: .folder, name: "staff", directory: "/drop", control: "control.json",
      completed: Timestamp(microseconds: 0), items: [])
    delivery = Delivery(set: set, arrival: 1, claim: claim)
    let own = try spool.folder(.work, for: set).openOrMakeDirectory(set.text, mode: 0o755, for: "test")
    _ = try own.openOrMakeDirectory(Spool.filesName, mode: 0o755, for: "test")
  }

  deinit { Self.removeAll(root) }

  private static func removeAll(_ path: String) {
    if let directory = try? FileSystem().openDirectory(path) {
      for name in (try? directory.entries().compactMap(\.string)) ?? [] { removeAll("\(path)/\(name)") }
    }
    remove(path)
  }

  private func inspect(
    _ files: [String: String], _ check: CheckDepth, limit: Int64 = 0
  ) throws -> Inspector.Outcome {
    let folder = try spool.openSet(delivery.set).openDirectory(Spool.filesName)
    for (name, text) in files {
      try folder.store(Array(text.utf8), as: name, mode: 0o644, replacing: true, for: "test")
    }
    let inspector = Inspector(
      spool: spool, rules: IntakeRules(quiet: .zero), check: check, readerLimit: limit)
    return try inspector.inspect(delivery, .unwatched)
  }

  private func control(_ files: String) -> String {
    #"{"dataImportControlFileVersion": 0, "model": "m", "instructions": [], "files": {"# + files + "}}"
  }

  private func reason(_ outcome: Inspector.Outcome) -> String? {
    if case .rejected(let reason) = outcome { reason.text } else { nil }
  }

  @Test func `the names of a set's files are synced after their data and before the set counts as read`()
    throws
  {
    let synced = Mutex<[String]>([])
    let fileSystem = FileSystem { operation throws(SystemError) in
      guard operation.kind == .sync || operation.kind == .dataSync else { return }
      synced.withLock { $0.append(operation.object) }
    }
    let folder = try spool.openSet(delivery.set).openDirectory(Spool.filesName)
    for (name, text) in ["control.json": control(#""a": {"read": "json"}"#), "a.json": "[]"] {
      try folder.store(Array(text.utf8), as: name, mode: 0o644, replacing: true, for: "test")
    }
    let inspector = Inspector(
      spool: try Spool(path: root, fileSystem: fileSystem), rules: IntakeRules(quiet: .zero), check: .full)
    guard case .manifest = try inspector.inspect(delivery, .unwatched) else {
      Issue.record("the set is rejected")
      return
    }
    #expect(
      synced.withLock { $0.map { $0.split(separator: "/").last.map(String.init) } }
        == ["control.json", "a.json", Spool.filesName])
  }

  @Test func `a file that the server cannot read rejects the set, with its place and a remedy`() throws {
    let files = [
      "control.json": control(#""a": {"read": "json"}, "b": {"read": "xml-attributes"}"#),
      "a.json": "[{},\n]", "b.xml": "<r>\n</s>",
    ]
    let outcome = try inspect(files, .full)
    #expect(
      reason(outcome) == """
        a.json:2:1: error: expected a value, found ']' (trailing comma?)
        b.xml:2:1: error: Opening and ending tag mismatch: r line 1 and s
        """)
    guard case .rejected(let reason) = outcome else { return }
    #expect(reason.remedy?.contains("drop the set again") == true)
    #expect(self.reason(try inspect(files, .control)) == nil)
    #expect(self.reason(try inspect(files, .off)) == nil)
  }

  @Test func `hashing and examining are one pass with one result`() throws {
    let files = ["control.json": control(#""a": {"read": "json"}"#), "a.json": #"[{"x": 1}]"#]
    for check in CheckDepth.allCases {
      guard case .manifest(let manifest) = try inspect(files, check) else {
        Issue.record("rejected with Check=\(check.rawValue)")
        continue
      }
      let digest = SHA256.digest(of: Array(#"[{"x": 1}]"#.utf8))
      #expect(manifest.files.map(\.content.sha256) == [SHA256Digest(bytes: digest)])
      #expect(manifest.files.map(\.content.size) == [10])
    }
  }

  @Test func `a warning rejects nothing`() throws {
    let files = [
      "control.json": control(#""t": {"read": "tsv-with-name-row"}, "p": {"read": "plugin"}"#),
      "t.tsv": "a\n1\t\n", "p.bin": "x",
    ]
    #expect(reason(try inspect(files, .full)) == nil)
  }

  @Test func `a file beyond the reader's limit is rejected, unless the limit is not known`() throws {
    let files = ["control.json": control(#""t": {"read": "tsv-with-name-row"}"#), "t.tsv": "a\n12345678901"]
    #expect(reason(try inspect(files, .full, limit: 13)) == nil)
    #expect(reason(try inspect(files, .full)) == nil)
    #expect(
      reason(try inspect(files, .full, limit: 12))
        == "t.tsv:1:1: error: the file has 13 bytes; the server's reader fails beyond 12 (ReaderLimit=)")
  }

  @Test func `an impossible option in the control file is found unless checking is off`() throws {
    let files = [
      "control.json": control(#""t": {"read": "tsv-with-name-row", "charset": "?"}"#), "t.tsv": "a",
    ]
    #expect(
      reason(try inspect(files, .control))?.hasSuffix("error: the server has no charset of this name") == true
    )
    #expect(reason(try inspect(files, .full))?.hasPrefix("control.json:1:") == true)
    #expect(reason(try inspect(files, .off)) == nil)
  }

  @Test func `of many errors the first twenty are told, and how many more there are`() throws {
    let records = Array(repeating: "7", count: 25).joined(separator: ",\n")
    let files = ["control.json": control(#""a": {"read": "json"}"#), "a.json": "[\(records)]"]
    let lines = try #require(reason(try inspect(files, .full))).split(separator: "\n")
    #expect(lines.count == 21)
    #expect(
      lines[19]
        == "a.json:20:1: error: a record is a number, not an object or array, so the server reads no field of it"
    )
    #expect(lines[20] == "and 5 more errors")
  }

  @Test func `what the server reads without an error rejects nothing, and silent loss does`() throws {
    let instructions = #"[{"source": "id", "destination": "d", "name": "n"}]"#
    func set(_ read: String, _ name: String, _ text: String) throws -> String? {
      let control =
        #"{"dataImportControlFileVersion": 0, "model": "m", "instructions": \#(instructions), "files": {"a": {"read": "\#(read)"}}}"#
      return reason(try inspect(["control.json": control, name: text], .full))
    }
    #expect(try set("json", "a.json", #"{"e1": {"id": 1}, "e2": {"id": 2}}"#) == nil)
    #expect(
      try set("json", "a.json", #"[["x", 1], null]"#)?.hasPrefix("a.json:1:12: error: a record is null")
        == true)
    #expect(
      try set("xml-text-of-children", "a.json", "<r><p><id><![CDATA[x]]></id></p></r>")?
        .hasPrefix("a.json:1:11: error: the server reads no CDATA section") == true)
    #expect(try set("xml-text-of-children", "a.json", "<r><p><no><![CDATA[x]]></no></p></r>") == nil)
    #expect(
      try set("xml-attributes", "a.json", "<!-- c --><r><p id='1'/></r>")?
        .hasPrefix("a.json:1:1: error: a comment before the root element") == true)
  }

  /// Counted by other means than those of the readers: the text of each file is made from its records.
  @Test(arguments: [0, 1, 2, 1000])
  func `the records of each file are counted in the pass that hashes it`(count: Int) throws {
    let counted = Int64(count)
    let rows = (0..<count).map { "r\($0)" }
    let files = [
      "control.json": control(
        #""j": {"read": "json"}, "o": {"read": "json"}, "c": {"read": "xml-text-of-children"}, "x": {"read": "xml-attributes"}, "t": {"read": "tsv-with-name-row"}, "s": {"read": "json", "singleRecord": true}, "p": {"read": "plugin"}"#
      ),
      "j.json": "[" + rows.map { #"{"id": ["\#($0)", {}]}"# }.joined(separator: ",\n") + "]",
      "o.json": "{" + rows.map { #""\#($0)": {"id": 1}"# }.joined(separator: ",") + "}",
      "c.xml": "<r>" + rows.map { "<p><id>\($0)</id><q><p/></q></p>\n" }.joined() + "</r>",
      "x.xml": "<r>" + rows.map { "<p id='\($0)'/>" }.joined() + "<!-- end --></r>",
      "t.tsv": "id" + rows.map { "\r\n" + $0 }.joined(), "s.json": "[1, 2, 3]", "p.bin": "x",
    ]
    guard case .manifest(let manifest) = try inspect(files, .full) else {
      Issue.record("rejected: \(reason(try inspect(files, .full)) ?? "")")
      return
    }
    #expect(manifest.files.map(\.content.records) == [counted, counted, counted, counted, counted, 1, nil])
    #expect(manifest.records == nil, "one of them is not counted")
    #expect(manifest.control.records == nil)
    guard case .manifest(let unchecked) = try inspect(files, .control) else { return }
    #expect(unchecked.files.allSatisfy { $0.content.records == nil })
  }
}
