import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

@testable import haplo_importd

/// docs/json.md documents exactly the members that the commands print.
@Suite struct DocumentedMembersTests {
  private let bench: ProgramBench

  private let outcomes: String

  init() throws {
    bench = try ProgramBench()
    let key = "b3V0Y29tZS1rZXktb3V0Y29tZS1rZXktb3V0Y29tZS0"
    try bench.write("outcome-key", key + "\n", mode: 0o600)
    bench.simulator.acceptOutcomeKey(key)
    outcomes = "OutcomeKeyFile=\(bench.directory)/outcome-key"
    try bench.configure(server: outcomes)
  }

  /// The members in the table of a section, of which there is at least one.
  private func documented(_ section: String) throws -> Set<String> {
    var members: Set<String> = []
    var current = ""
    for line in try ProjectFile.text("docs/json.md").split(separator: "\n") {
      if line.hasPrefix("## ") { current = String(line.dropFirst(3)) }
      guard current == section, line.hasPrefix("| `") else { continue }
      let name = String(line.dropFirst(3).prefix { $0 != "`" })
      #expect(members.insert(name).inserted, "\(name) is documented twice")
    }
    try #require(!members.isEmpty, "\(section)")
    return members
  }

  /// All members of some objects, written as the page writes them.
  private func printed(_ objects: [JSON]) -> Set<String> {
    var members: Set<String> = []
    for object in objects { collect(object, "", &members) }
    // A list of objects can be empty in one of them.
    return members.filter { name in
      !name.hasSuffix("[]") || !members.contains { $0.hasPrefix(name + ".") }
    }
  }

  private func collect(_ value: JSON, _ name: String, _ members: inout Set<String>) {
    switch value {
    case .object(let object):
      for (key, value) in object {
        let key = name == "sources[].sets" ? "STATE" : key
        collect(value, name.isEmpty ? key : "\(name).\(key)", &members)
      }
    case .array(let items) where items.isEmpty: members.insert(name + "[]")
    case .array(let items): for item in items { collect(item, name + "[]", &members) }
    default: members.insert(name)
    }
  }

  private func objects(_ command: String..., status: Int32 = 0) throws -> [JSON] {
    let run = BuiltProgram.run(["--config", bench.configuration] + command + ["--json"])
    #expect(run.status == status, "\(command): \(run.errors)")
    return try bench.json(run)
  }

  private func expect(_ section: String, _ objects: [JSON]) throws {
    let (documented, printed) = (try documented(section), printed(objects))
    #expect(documented.subtracting(printed).sorted() == [], "documented for \(section), and not printed")
    #expect(printed.subtracting(documented).sorted() == [], "printed by \(section), and not documented")
  }

  @Test func `sets, and what is decided about them`() throws {
    try bench.dropFolder("first")
    try bench.dropFolder("second", control: "[]")
    #expect(bench.run("once").status == 65)
    let sets = try objects("list")
    try expect("list, show, wait", sets)
    let ids = sets.compactMap { $0["set"]?.text }
    #expect(try ids.flatMap { try objects("show", $0) } == sets)
    let rejected = try #require(sets.first { $0["state"] == .string("rejected") }?["set"]?.text)
    // The other one's outcome is pending, and no daemon reads it.
    #expect(try objects("wait", rejected, status: 65) == sets.filter { $0["set"] == .string(rejected) })
    try expect(
      "retry, approve, reject, discard, pause, resume, reconcile",
      objects("retry", rejected) + objects("pause", "hr") + objects("pause", "nobody", status: 66))
    try bench.configure(source: "ArchiveKeepSec=0", server: outcomes)
    try expect("prune", objects("prune"))
  }

  @Test func `status while a file is sent, with things that need a person`() throws {
    try bench.configure(server: "BandwidthLimit=400K\n" + outcomes)
    try bench.simulator.add("schedule:exception:nth=1")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("failing")
    try #require(daemon.line(with: "outcome=failed") != nil, "\(daemon.transcript)")
    try bench.dropFolder("half", data: [:])
    try bench.dropFolder("bad", control: "{}")
    try #require(daemon.line(with: "state=rejected") != nil, "\(daemon.transcript)")
    try bench.dropFolder("large", data: ["data0.json": "[" + String(repeating: " ", count: 3_000_000) + "]"])
    try #require(daemon.line(with: "state=uploading") != nil, "\(daemon.transcript)")
    var status = try objects("status")
    let end = ContinuousClock.now + .seconds(20)
    while status.first?["uploads"]?[0] == nil, ContinuousClock.now < end { status = try objects("status") }
    try expect("status", status)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `check, drop and explain`() throws {
    for name in ["bad", "good"] {
      try FileManager.default.createDirectory(
        atPath: "\(bench.directory)/\(name)", withIntermediateDirectories: true)
      try bench.write(name + "/control.json", ProgramBench.control)
    }
    try bench.write("good/data0.json", #"[{"id": 1}]"#)
    for command in [["check"], ["drop", "hr"]] {
      let run = BuiltProgram.run(
        ["--config", bench.configuration] + command + [bench.directory + "/bad", "--json"])
      #expect(run.status == 65)
      try expect("check, drop (findings)", bench.json(run))
    }
    try expect("drop", objects("drop", "hr", bench.directory + "/good"))
    try bench.dropFolder("half", data: [:])
    try expect("explain", objects("explain", bench.drop + "/half", status: 75))
  }

  @Test func `diff`() throws {
    try bench.configure(source: "QuietSec=0\nRecordKey.data0=id", server: outcomes)
    for (name, record) in [("first", #"{"id": 1, "a": 1}"#), ("second", #"{"id": 1, "a": 2}"#)] {
      try bench.dropFolder(name, data: ["data0.json": "[\(record)]"])
      #expect(bench.run("once").status == 0)
    }
    let sets = try objects("list").compactMap { $0["set"]?.text }
    let lines = try objects("diff", #require(sets.last))
    try expect("diff (file)", Array(lines.prefix(1)))
    try expect("diff (record)", Array(lines.dropFirst()))
  }

  @Test func `config and verify`() throws {
    let online = try objects("config", "--online")
    try expect("config", Array(online.dropLast(2)))
    try expect("config --online", Array(online.suffix(2).prefix(1)))
    try expect("config --online (outcome pages)", Array(online.suffix(1)))
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let path = try #require(try objects("list").first?["path"]?.text)
    try bench.write(path.dropFirst(bench.directory.count + 1) + "/files/data0.json", "[ ]")
    let verified = try objects("verify", status: 65)
    try expect("verify (damage)", Array(verified.dropLast()))
    try expect("verify", Array(verified.suffix(1)))
  }

  @Test func `every command with --json has its section`() throws {
    let text = try ProjectFile.text("docs/json.md")
    let titles = text.split(separator: "\n").filter { $0.hasPrefix("## ") }.joined(separator: " ")
    let words = Set(titles.split { !$0.isLetter && $0 != "-" }.map(String.init))
    for subcommand in Subcommand.all where subcommand.options.contains(where: { $0.name == "json" }) {
      #expect(words.contains(subcommand.name), "\(subcommand.name)")
    }
  }
}
