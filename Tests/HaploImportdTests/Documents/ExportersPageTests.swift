import FoundationEssentials
import Glibc
import Testing

/// docs/exporters.md quotes messages and shows commands: the messages are those that are printed, the commands work.
@Suite struct ExportersPageTests {
  private static let path = "docs/exporters.md"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private static func control(_ reader: String) -> String {
    #"{"dataImportControlFileVersion": 0, "model": "std:person", "files": {"staff": {"read": ""# + reader
      + #""}}, "instructions": [{"source": "id", "destination": "person", "name": "std:attribute:id"}]}"#
  }

  private static let json = control("json")
  private static let tsv = control("tsv-with-name-row")
  private static let xml = control("xml-text-of-children")

  /// Sets with a mistake each, and how many findings they give.
  private static let mistakes: [(files: [String: [UInt8]], findings: Int)] = [
    (files(json, [:]), 1),
    (files(json, ["staff.json.tmp": "[]"]), 2),
    (files(json, ["staff.json": "[]", "staff.xml": "<a/>"]), 3),
    (files(json, ["staff.json": #"[{"id":1}]"#, "notes.txt": "x"]), 1),
    (files(#"{"model": "std:person",}"#, ["staff.json": "[]"]), 1),
    (files(#"{"model": "std:person"}"#, [:]), 3),
    (files(control("csv"), ["staff.json": "[]"]), 1),
    (files(json, ["staff.json": "\u{FEFF}[]"]), 1),
    (
      files(json, [:]).merging(["staff.json": Array(#"[{"id": "M"#.utf8) + [0xFC] + Array(#"r"}]"#.utf8)]) {
        $1
      }, 1
    ),
    (files(json, ["staff.json": #"[{"id": 1},"#]), 1),
    (files(json, ["staff.json": #"{"id": 1}"#]), 1),
    (files(json, ["staff.json": "[" + String(repeating: " ", count: 17 << 20) + "]"]), 1),
    (files(json, ["staff.json": #"[{"ID": 1}]"#]), 1),
    (files(tsv, ["staff.tsv": "id\tname\n1\tAda\n"]), 1),
    (files(tsv, ["staff.tsv": "id\tname\n1\tAda\tx"]), 1),
    (files(xml, ["staff.xml": "<staff>\n<person><id>1</id>\n</staff>"]), 1),
    (files(xml, ["staff.xml": "<staff><person><id>A & B</id></person></staff>"]), 1),
    (
      files(
        json,
        ["staff.json": #"[{"id":1}]"#, "SHA256SUMS": String(repeating: "0", count: 64) + "  staff.json\n"]), 1
    ),
  ]

  private static func files(_ control: String, _ data: [String: String]) -> [String: [UInt8]] {
    data.merging(["control.json": control]) { $1 }.mapValues { Array($0.utf8) }
  }

  @Test func `every message of the page is one that check prints`() throws {
    var printed: Set<String> = []
    let folder = "\(bench.directory)/staff-2026-11"
    for mistake in Self.mistakes {
      try? FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (name, bytes) in mistake.files { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
      let lines = bench.run("check", folder).output.replacing("\(bench.directory)/", with: "").split(
        separator: "\n")
      #expect(lines.count == mistake.findings, "\(lines)")
      printed.formUnion(lines.map(String.init))
    }
    let quoted = try ProjectFile.text(Self.path).matches(
      of: #/`(staff-2026-11/[^`]+: (error|warning): [^`]+)`/#
    )
    .map { String($0.1) }
    #expect(quoted.count == Self.mistakes.count)
    for line in quoted { #expect(printed.contains(line), "\(line) is none of \(printed.sorted())") }
  }

  private var shell: DocumentShell { get throws { try DocumentShell(bench) } }

  /// Runs a block of the page as it stands.
  private func run(
    _ heading: String, _ language: String = "sh", by interpreter: [String] = ["/bin/bash", "-eu", "-c"]
  ) throws -> BuiltProgram.Run {
    try shell.run(DocumentPage(Self.path).block(heading, language).text, by: interpreter)
  }

  /// A set in the bench's directory, to be dropped by a block.
  private func makeSet(in folder: String) throws {
    try shell.makeSet(in: folder, control: Self.json, data: ["staff.json": #"[{"id": 1}]"#])
  }

  private func isDelivered() throws -> Bool {
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    return try bench.json(bench.run("list", "--json")).map { $0["state"] } == [.string("archived")]
  }

  @Test func `a set is validated as the page says`() throws {
    try makeSet(in: "staff-2026-11")
    let run = try run("Try it before you drop it")
    #expect(run.status == 0 && run.output.hasSuffix("0\n"), "\(run.output)\(run.errors)")
  }

  @Test func `a set is sent to the simulator as the page says`() throws {
    let block = try #require(
      try DocumentPage(Self.path).blocks.first { $0.text.contains("haplo-simulator --port 8080") })
    let run = try shell.run(block.text)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains(" archived ") && run.output.contains(" staff-2026-11-23 "), "\(run.output)")
    #expect(run.output.split(separator: "\n").count { $0.count == 64 } == 2, "\(run.output)")
  }

  @Test func `drop copies a set, and waits for the result, as the page says`() throws {
    let daemon = try bench.startDaemon()
    try makeSet(in: "staff-2026-11")
    let run = try run("By `haplo-importd drop`")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(daemon.line(with: "name=staff-2026-11") != nil && daemon.line(with: "name=again") != nil)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `explain and list tell what became of a set, as the page says`() throws {
    try makeSet(in: "spool/drop/hr/staff-2026-11")
    #expect(try isDelivered())
    let run = try run("Did it arrive?")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains(" archived "), "\(run.output)")
  }

  @Test func `the shell script of the page drops a set`() throws {
    try makeSet(in: ".")
    let run = try run("From a script on the same host")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try isDelivered())
  }

  @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "python3 is not installed"))
  func `the Python program of the page drops a set`() throws {
    try makeSet(in: ".")
    let run = try run("From a script on the same host", "python", by: ["/usr/bin/python3", "-c"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try isDelivered())
  }

  @Test func `the rsync of the page drops a set`() throws {
    try makeSet(in: "staff-2026-11")
    let run = try run("By rsync")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try isDelivered())
  }
}
