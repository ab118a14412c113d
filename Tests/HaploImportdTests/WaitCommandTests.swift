import Glibc
import HaploSimulator
import Testing

@Suite struct WaitCommandTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test func `a set that waits for another attempt is waited for as long as --timeout allows`() throws {
    try bench.simulator.add("any:503")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 75)
    let set = try bench.ids()[0]
    let given = bench.run("wait", set, "--timeout", "0")
    #expect(
      given.status == 75 && given.errors.contains("still waiting when the time was up"), "\(given.errors)")
    #expect(bench.run("wait", "19700101").status == 66)
    #expect(bench.run("wait", set, "--timeout", "soon").status == 64)
  }

  @Test func `what is at rest is printed at once, and rejected sets end 65`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    let archived = bench.run("wait", String(set.dropLast(2)))
    #expect(archived.status == 0 && archived.output == "\(set): archived\n", "\(archived.errors)")
    try bench.dropFolder("bad", control: "{}")
    #expect(bench.run("once").status == 65)
    let rejected = try #require(bench.ids().first { $0 != set })
    let run = bench.run("wait", set, rejected)
    #expect(run.status == 65 && run.output.contains("\(rejected): rejected: "), "\(run.output)")
  }

  @Test func `a set that is delivered meanwhile ends the wait`() throws {
    try bench.configure(server: "BandwidthLimit=400K")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("large", data: ["data0.json": "[" + String(repeating: " ", count: 1_500_000) + "]"])
    try #require(daemon.line(with: "state=uploading") != nil, "\(daemon.transcript)")
    let set = try bench.ids()[0]
    let run = bench.run("wait", set, "--timeout", "2min")
    #expect(run.status == 0 && run.output == "\(set): archived\n", "\(run.errors)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `without a daemon the wait says so once, and goes on until the set is at rest`() throws {
    try bench.simulator.add("any:503")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 75)
    let set = try bench.ids()[0]
    let wait = RunningProgram(["--config", bench.configuration, "wait", set])
    #expect(wait.line(with: "the daemon is not running; waiting until it is started") != nil)
    #expect(bench.run("reject", set, "--reason", "wrong").status == 0)
    #expect(wait.end() == 65)
    #expect(wait.transcript.split(separator: "\n").count == 1, "\(wait.transcript)")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an interrupted wait ends by the signal`(signal: Int32) throws {
    try bench.simulator.add("any:503")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 75)
    let wait = RunningProgram(["--config", bench.configuration, "wait", try bench.ids()[0]])
    #expect(wait.line(with: "the daemon is not running") != nil)
    wait.signal(signal)
    #expect(wait.end() == -signal)
  }
}
