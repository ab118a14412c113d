import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// The commands of README and docs/ that need no root are run here as they are written; those that need root are run in the
/// guest of `make system-test`.
@Suite struct DocumentCommandsTests {
  private let bench: ProgramBench
  private let shell: DocumentShell

  init() throws {
    bench = try ProgramBench()
    shell = try DocumentShell(bench, portOffset: 1000)
    let key = "b3V0Y29tZS1rZXktb3V0Y29tZS1rZXktb3V0Y29tZS0"
    try bench.write("outcome-key", key + "\n", mode: 0o600)
    bench.simulator.acceptOutcomeKey(key)
    try bench.configure(
      server: "OutcomeKeyFile=\(bench.directory)/outcome-key",
      rest: "[Source guarded]\nQuietSec=0\nMinRecords=1\n[Source approved]\nQuietSec=0\nMode=approve")
    for source in ["guarded", "approved"] {
      try FileManager.default.createDirectory(
        atPath: "\(bench.directory)/spool/drop/\(source)", withIntermediateDirectories: true)
    }
  }

  /// A command, the set in this state that takes the place of SET, and how it ends.
  private struct Expectation {
    var set: String?
    var status: Int32 = 0
  }

  /// Sets in the states that commands are for: two archived ones, and a rejected, a held, and a waiting one.
  private func makeSets() throws -> [String: String] {
    for name in ["first", "second"] { try bench.dropFolder(name) }
    try bench.dropFolder("bad", control: "{}")
    try bench.dropFolder("small", source: "guarded")
    try bench.dropFolder("checked", source: "approved")
    #expect(bench.run("once").status == 65)
    // The dry run of the set to be approved, if its turn came after the others'.
    _ = bench.run("once")
    return Dictionary(
      try bench.json(bench.run("list", "--json")).compactMap { set in
        set["state"]?.text.flatMap { state in set["set"]?.text.map { (state, $0) } }
      }, uniquingKeysWith: { $1 })
  }

  /// Runs each line of a block by itself.
  private func expect(
    _ block: DocumentPage.Block, _ expected: [String: Expectation], _ sets: [String: String]
  ) throws {
    #expect(block.lines.count == expected.count, "\(block.text)")
    for line in block.lines {
      let words = line.split(separator: " ")
      let expectation = try #require(expected[String(words[1])], "\(line)")
      let set = try expectation.set.map { try #require(sets[$0], "no set is \($0): \(sets)") }
      let text = String(line).replacing(" SET", with: " \(set ?? "SET")").replacing(" SOURCE", with: " hr")
        .replacing(" PATH", with: " \(bench.directory)/export").replacing(" TEXT", with: " 'a test'")
      let run = shell.run(text)
      #expect(run.status == expectation.status, "\(text): \(run.output)\(run.errors)")
    }
  }

  @Test func `the daily commands of README`() throws {
    let sets = try makeSets()
    try shell.makeSet(in: "export", control: ProgramBench.control, data: ["data0.json": #"[{"id": 1}]"#])
    try expect(
      DocumentPage("README.md").block("Daily commands"),
      [
        "status": .init(), "list": .init(), "show": .init(set: "archived"), "diff": .init(set: "archived"),
        // Not below a drop directory.
        "explain": .init(status: 66), "check": .init(), "retry": .init(set: "rejected"),
        "reject": .init(set: "held"), "discard": .init(set: "held"), "pause": .init(),
      ], sets)
  }

  @Test func `the further commands of docs/operations.md`() throws {
    let sets = try makeSets()
    try shell.makeSet(
      in: "staff-2026-11", control: ProgramBench.control, data: ["data0.json": #"[{"id": 1}]"#])
    try expect(
      DocumentPage("docs/operations.md").block("Further commands"),
      [
        "drop": .init(), "wait": .init(set: "rejected", status: 65), "reconcile": .init(), "verify": .init(),
        "prune": .init(),
      ], sets)
  }

  @Test func `a set is approved as docs/operations.md says`() throws {
    let sets = try makeSets()
    try expect(
      DocumentPage("docs/operations.md").block("Approve imports"),
      ["list": .init(), "approve": .init(set: "awaiting-approval")], sets)
  }

  @Test func `an ordinary user tries the daemon as docs/operations.md says`() throws {
    let text = try DocumentPage("docs/operations.md").block("Without systemd").text
    // Ctrl-C, once the daemon can be asked.
    let run = shell.run(
      text.replacing(
        "haplo-importd run --config try.conf",
        with: """
          haplo-importd run --config try.conf & daemon=$!
          for try in $(seq 600); do [ ! -S run/control ] || break; sleep 0.1; done
          kill -INT $daemon; wait $daemon; kill %1
          """))
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(access("\(bench.directory)/spool/drop/hr", F_OK) == 0)
  }

  @Test func `an old export is validated as docs/migrating.md says`() throws {
    try shell.makeSet(in: "export", control: ProgramBench.control, data: ["data0.json": #"[{"id": 1}]"#])
    let block = try DocumentPage("docs/migrating.md").block("2. Validate last night's export")
    let run = shell.run(block.text.replacing("/srv/exports/hr", with: "\(bench.directory)/export"))
    #expect(run.status == 0, "\(run.output)\(run.errors)")
  }
}

/// Every block of commands is run by a test, or is listed here with the reason why it cannot be.
@Suite struct DocumentCoverageTests {
  /// Sections whose commands are run by the suites above and `ExportersPageTests`.
  private static let unprivileged: Set = [
    "README.md: Daily commands", "docs/operations.md: Further commands",
    "docs/operations.md: Approve imports",
    "docs/operations.md: Without systemd", "docs/migrating.md: 2. Validate last night's export",
    "docs/exporters.md: Try it before you drop it", "docs/exporters.md: By `haplo-importd drop`",
    "docs/exporters.md: From a script on the same host", "docs/exporters.md: By rsync",
    "docs/exporters.md: Did it arrive?",
  ]

  /// Sections with commands that no test runs as they are written.
  private static let reasons = [
    "docs/cluster.md: With Pacemaker": "needs a cluster; 'make cluster-test' runs the daemon's side",
    "docs/exporters.md: From Windows": "needs Windows; 'make peer-test' writes by Samba",
    "docs/performance.md: Performance": "the page is made by 'make bench', which is one of its commands",
    "docs/operations.md: Install without a package":
      "'make install' is what builds the packages; the other commands are those of the package's triggers",
  ]

  /// Sections whose commands the guest runs as root.
  private func privileged() throws -> Set<String> {
    let scripts = try ["readme", "examples", "fetch", "upgrade"].map {
      try ProjectFile.text("Tests/System/checks/\($0).sh")
    }
    let calls = scripts.joined(separator: "\n").matches(
      of: #/as_documented (\S+) (?:'([^']+)'|"([^"]+)"|(\S+))/#)
    let sections = calls.compactMap { call in
      (call.output.2 ?? call.output.3 ?? call.output.4).map { "\(call.output.1): \($0)" }
    }
    return Set(sections)
  }

  private static let commands: Set = [
    "haplo-importd", "haplo-simulator", "systemctl", "journalctl", "make", "apt", "cp", "mv", "ln", "sed",
    "chmod",
    "install", "sftp", "rsync", "pcs", "mkdir", "echo", "cat",
  ]

  @Test(arguments: DocumentPage.all)
  func `every block of commands is run by a test, or there is a reason`(path: String) throws {
    let page = try DocumentPage(path)
    let tested = try Self.unprivileged.union(privileged()).union(Self.reasons.keys)
    for block in page.blocks {
      let first = block.lines.first?.split(separator: " ").first.map(String.init) ?? ""
      guard ["sh", "python", "powershell"].contains(block.language) || Self.commands.contains(first) else {
        continue
      }
      #expect(tested.contains("\(path): \(block.heading)"), "\(block.heading): \(block.text)")
      // The guest takes blocks of this language only.
      if try privileged().contains("\(path): \(block.heading)") { #expect(block.language == "sh") }
    }
  }

  @Test func `every section that is run, or has a reason, exists`() throws {
    for section in try Self.unprivileged.union(privileged()).union(Self.reasons.keys) {
      let parts = section.split(separator: ": ", maxSplits: 1).map(String.init)
      let page = try DocumentPage(parts[0])
      #expect(page.blocks.contains { $0.heading == parts[1] }, "\(section)")
    }
  }
}
