import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `wait`, `show --server-log` and `config --online` with the outcome key.
@Suite struct OutcomeCommandTests {
  private static let key = "b3V0Y29tZS1rZXktb3V0Y29tZS1rZXktb3V0Y29tZS0"
  private static let records = ["data0.json": #"[{"id": 1}]"#]
  private let bench: ProgramBench
  private var simulator: Simulator { bench.simulator }

  init() throws {
    bench = try ProgramBench()
    simulator.acceptOutcomeKey(Self.key)
    try bench.write("outcome-key", Self.key + "\n", mode: 0o600)
    try configure()
  }

  private func configure(_ source: String = "Mode=import", server: String = "") throws {
    try bench.configure(
      source: "QuietSec=0\n\(source)", server: "OutcomeKeyFile=\(bench.directory)/outcome-key\n\(server)")
  }

  /// Drops a set, schedules it, and reads its outcome once its job has ended, if it does.
  /// - Returns: its id.
  private func deliver(_ name: String = "first", _ fault: String? = nil) async throws -> String {
    if let fault { try simulator.add(fault) }
    let before = Set((try? bench.ids()) ?? [])
    try bench.dropFolder(name, data: Self.records)
    #expect(bench.run("once").status == 0)
    _ = await simulator.wait(atMost: .seconds(1)) { record in
      record.batches.allSatisfy { $0.job == nil || $0.errors != nil }
    }
    #expect(bench.run("once").status == 0)
    simulator.clearFaults()
    return try #require(bench.ids().first { !before.contains($0) })
  }

  // MARK: wait

  @Test(
    arguments: [
      ("schedule:complete", "imported", 0), ("schedule:complete:errors=3", "imported-with-errors (3)", 0),
      ("schedule:exception", "failed", 65),
    ] as [(String, String, Int32)])
  func `wait says how the job ended, and ends 65 if it failed`(fault: String, outcome: String, status: Int32)
    async throws
  {
    let set = try await deliver("first", fault)
    let run = bench.run("wait", set)
    #expect(run.status == status && run.output == "\(set): archived, \(outcome)\n", "\(run)")
    let json = try bench.json(bench.run("wait", "--json", set))
    #expect(json.first?["outcome"]?["state"] == .string(String(outcome.prefix { $0 != " " })))
  }

  @Test func `a stuck job ends the wait with 65`() async throws {
    let set = try await deliver("first", "schedule:stuck:nth=1")
    _ = try await deliver("second")
    let run = bench.run("wait", set)
    #expect(run.status == 65 && run.output == "\(set): archived, stuck\n", "\(run)")
  }

  @Test func `an unknown outcome is the last that there is`() async throws {
    let set = try await deliver()
    // A day, OutcomeTimeoutSec=, is longer than a test.
    let path =
      try #require(try bench.json(bench.run("show", "--json", set)).first?["path"]?.text) + "/outcome.json"
    let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    try bench.write(
      String(path.dropFirst(bench.directory.count + 1)), text.replacing("\"imported\"", with: "\"unknown\""))
    let run = bench.run("wait", set)
    #expect(run.status == 0 && run.output == "\(set): archived, unknown\n", "\(run)")
  }

  @Test func `an archived set whose job has not ended is waited for as long as --timeout allows`()
    async throws
  {
    let set = try await deliver("first", "schedule:complete:for=1h")
    let run = bench.run("wait", set, "--timeout", "0")
    #expect(run.status == 75 && run.output.isEmpty, "\(run)")
    #expect(run.errors.contains("still waiting when the time was up"))
  }

  @Test func `after a refusal of the key the wait ends 75, with the reason`() async throws {
    let set = try await deliver("first", "pages:403")
    let run = bench.run("wait", set)
    #expect(run.status == 75, "\(run)")
    #expect(
      run.output.hasPrefix("\(set): archived, pending: outcomes are not read at present: "), "\(run.output)")
  }

  @Test(arguments: [
    ("schedule:complete", "checked"), ("schedule:complete:errors=2", "checked-with-errors (2)"),
  ])
  func `a set that awaits approval is at rest, whatever its dry run found`(fault: String, outcome: String)
    async throws
  {
    try configure("Mode=approve")
    let set = try await deliver("first", fault)
    let run = bench.run("wait", set)
    #expect(
      run.status == 0
        && run.output == "\(set): awaiting-approval, \(outcome): the import needs an approval\n", "\(run)")
  }

  @Test func `a dry run that failed ends the wait with 65`() async throws {
    try configure("Mode=approve")
    let set = try await deliver("first", "schedule:exception")
    #expect(bench.run("wait", set).status == 65)
  }

  @Test(
    arguments: [
      ("schedule:complete:for=300ms", 0, "archived, imported"),
      ("schedule:exception:for=300ms", 65, "archived, failed"),
    ] as [(String, Int32, String)])
  func `drop --wait waits for the end of the job as well`(fault: String, status: Int32, words: String) throws
  {
    let folder = "\(bench.directory)/out/staff"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try bench.write("out/staff/control.json", ProgramBench.control)
    try bench.write("out/staff/data0.json", Self.records["data0.json"] ?? "")
    try simulator.add(fault)
    let daemon = try bench.startDaemon()
    let run = bench.run("drop", "hr", folder, "--wait=2min")
    #expect(run.status == status, "\(run)")
    #expect(run.output.split(separator: "\n").last?.hasSuffix(": \(words)") == true, "\(run)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `of several sets the worst decides`() async throws {
    let good = try await deliver("first")
    let bad = try await deliver("second", "schedule:exception")
    let run = bench.run("wait", good, bad)
    #expect(run.status == 65 && run.output.split(separator: "\n").count == 2, "\(run)")
  }

  // MARK: show --server-log

  @Test func `the job's log is printed, and stored nowhere`() async throws {
    let set = try await deliver("first", "schedule:complete:errors=2")
    let run = bench.run("show", "--server-log", String(set.dropLast(2)))
    #expect(run.status == 0, "\(run)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("START:") && lines[3].hasPrefix("END:"), "\(run.output)")
    #expect(lines[1].hasSuffix("Ada <ada@example.org> & \"Co\""))
    #expect(try bench.files(with: "ada@example.org").isEmpty)
    #expect(simulator.record.sessions.made == 1)
  }

  @Test func `a job that has not ended has no log: 66`() async throws {
    let set = try await deliver("first", "schedule:complete:for=1h")
    let run = bench.run("show", "--server-log", set)
    #expect(run.status == 66 && run.output.isEmpty && run.errors.contains("its job has not ended"), "\(run)")
  }

  @Test func `a set without a batch, and a batch that the server lost: 66`() async throws {
    let set = try await deliver("first")
    simulator.forgetBatches()
    let lost = bench.run("show", "--server-log", set)
    #expect(lost.status == 66 && lost.errors.contains("is not in the server's list"), "\(lost)")
    try simulator.add("any:503")
    try bench.dropFolder("second", data: Self.records)
    #expect(bench.run("once").status == 75)
    let deferred = try #require(bench.ids().first { $0 != set })
    let without = bench.run("show", "--server-log", deferred)
    #expect(without.status == 66 && without.errors.contains("has no batch"), "\(without)")
  }

  @Test func `a refused key ends 77, a server that fails 69, and no key at all 77`() async throws {
    let set = try await deliver()
    try simulator.add("pages:403")
    let refused = bench.run("show", "--server-log", set)
    #expect(
      refused.status == 77 && refused.errors.contains("refused the outcome key (HTTP 403)"), "\(refused)")
    simulator.clearFaults()
    try simulator.add("pages:503")
    #expect(bench.run("show", "--server-log", set).status == 69)
    simulator.clearFaults()
    try simulator.add("pages:unknown-markup")
    let foreign = bench.run("show", "--server-log", set)
    #expect(foreign.status == 69 && foreign.errors.contains("check URL= in [Server]"), "\(foreign)")
    simulator.clearFaults()
    try bench.configure(source: "QuietSec=0\nMode=import")
    let without = bench.run("show", "--server-log", set)
    #expect(without.status == 77 && without.errors.contains("OutcomeKeyFile="), "\(without)")
    #expect(bench.run("show", "--server-log", "--json", set).status == 64)
  }

  // MARK: config --online

  @Test func `pages that can be read are told so in one line more, and no session is made`() throws {
    let run = bench.run("config", "--online")
    #expect(run.status == 0, "\(run)")
    #expect(
      run.output.hasSuffix(
        "\n\(simulator.url)/do/haplo-data-import-batch/batches works: outcomes can be read\n"),
      "\(run.output)")
    #expect(simulator.record.requests(ofPage: .list) == 1 && simulator.record.sessions.made == 0)
    #expect(!(run.output + run.errors).contains(Self.key))
    #expect(bench.run("config", "--online", "--quiet").output.isEmpty)
  }

  @Test(
    arguments: [
      ("pages:403", 77, "refused the outcome key (HTTP 403)"), ("pages:redirect", 77, "single sign-on"),
      ("pages:not-permitted", 77, "'Batch data administration'"),
      ("pages:unknown-markup", 78, "outcomes will be unknown"),
      ("pages:404", 78, "status 404"), ("pages:503", 69, "status 503"),
      ("pages:drop", 69, "cannot be read now"),
    ] as [(String, Int32, String)])
  func `pages that cannot be read are told, with the status of their cause`(
    fault: String, status: Int32, words: String
  )
    throws
  {
    try simulator.add(fault)
    let run = bench.run("config", "--online")
    #expect(run.status == status && run.errors.contains(words), "\(run)")
    let json = bench.run("config", "--online", "--json")
    #expect(json.status == status)
    let check = try #require(try bench.json(json).last)
    #expect(check.names == ["page", "outcome", "reason", "remedy"] && check["reason"] != .null)
  }

  @Test func `an outcome key that is the API key, or open to others, ends 77 before anything is asked`()
    throws
  {
    try bench.write("outcome-key", ProgramBench.key + "\n", mode: 0o600)
    #expect(bench.run("config", "--online").status == 77)
    try bench.write("outcome-key", Self.key + "\n", mode: 0o644)
    #expect(bench.run("config", "--online").status == 77)
    #expect(simulator.record.requests(ofPage: .list) == 0)
  }
}
