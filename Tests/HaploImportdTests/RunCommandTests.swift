import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// The daemon as a process: signals, a second one, reloading.
@Suite struct RunCommandTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends it with 0, and its socket is gone`(signal: Int32) throws {
    let daemon = try bench.startDaemon()
    #expect(access(bench.socket, F_OK) == 0)
    daemon.signal(signal)
    #expect(daemon.end(within: .seconds(30)) == 0)
    #expect(daemon.transcript.contains("shutting down"))
    #expect(access(bench.socket, F_OK) != 0)
  }

  @Test(arguments: ["run", "once"])
  func `a second one ends 75 and names the first`(command: String) throws {
    let daemon = try bench.startDaemon()
    let second = bench.run(command)
    #expect(second.status == 75)
    #expect(second.errors.contains("process \(daemon.process)"), "\(second.errors)")
    try bench.dropFolder("first")
    #expect(daemon.line(with: "state=archived") != nil, "the first goes on: \(daemon.transcript)")
  }

  @Test func `a socket that a crash left behind is in nobody's way`() throws {
    let first = try bench.startDaemon()
    first.signal(SIGKILL)
    #expect(first.end() == -SIGKILL)
    #expect(access(bench.socket, F_OK) == 0)
    #expect(bench.run("status").output.hasPrefix("Daemon   stopped"))
    let second = try bench.startDaemon()
    #expect(bench.run("status").output.contains("process \(second.process)"))
  }

  @Test func `a reload with a mistake keeps the old configuration and says why`() throws {
    let daemon = try bench.startDaemon()
    try bench.configure(source: "Quiet=0")
    daemon.signal(SIGHUP)
    let line = try #require(daemon.line(with: "keeping the previous configuration"))
    #expect(line.hasPrefix("<3>") && line.contains("haplo.conf:10: error: unknown key 'Quiet'"), "\(line)")
    try bench.dropFolder("first")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
  }

  @Test func `a reload with a CA file that is missing keeps the old configuration and says why`() throws {
    let daemon = try bench.startDaemon()
    try bench.configure(server: "CAFile=\(bench.directory)/missing.pem")
    daemon.signal(SIGHUP)
    let line = try #require(daemon.line(with: "keeping the previous configuration"))
    #expect(line.contains("haplo.conf:4: error: CAFile=: cannot open"), "\(line)")
    try bench.dropFolder("first")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
  }

  /// The set waits with the old key in hand.
  @Test func `a reload with a good key sends what waited for it`() throws {
    try bench.write("key", "revoked-0123456789-abcdefghijklmnopqrstu\n", mode: 0o600)
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    #expect(daemon.line(with: "cause=key-refused") != nil, "\(daemon.transcript)")
    try bench.write("key", ProgramBench.key + "\n", mode: 0o600)
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    #expect(daemon.transcript.split(separator: "\n").count { $0.contains("cause=key-refused") } == 1)
  }

  @Test(arguments: [ProgramBench.key, "rotated-key-0123456789-abcdefghijklmnopqrstu"])
  func `nothing waits after a reload for a request of before`(key: String) async throws {
    try bench.configure(rest: "[Source finance]\nQuietSec=0\nMode=import")
    try bench.simulator.add("file:stall:at=end")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    #expect(await bench.simulator.wait(atMost: .seconds(30)) { $0.requests(of: .file) == 1 })
    bench.simulator.clearFaults()
    bench.simulator.acceptKey(key)
    try bench.write("key", key + "\n", mode: 0o600)
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    try bench.dropFolder("second", source: "finance")
    #expect(daemon.line(with: "state=archived", "-finance-") != nil, "\(daemon.transcript)")
  }

  @Test func `a reload puts a new source in force`() throws {
    let daemon = try bench.startDaemon()
    try bench.configure(rest: "[Source finance]\nQuietSec=0\nMode=import")
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    #expect(daemon.line(with: "finance", "/drop/finance") != nil, "\(daemon.transcript)")
    try bench.dropFolder("first")
    try #require(rename(bench.drop + "/first", bench.directory + "/spool/drop/finance/first") == 0)
    #expect(daemon.line(with: "source=finance", "state=archived") != nil, "\(daemon.transcript)")
  }

  @Test func `the log says the mode of each source at the start, and at a reload which modes changed`() throws
  {
    func configure(_ hr: String, _ rest: String) throws {
      try bench.configure(source: "QuietSec=0\nMode=\(hr)", rest: rest)
    }
    try configure("dry-run", "[Source a]\nMode=approve\n[Source b]\nMode=import")
    let daemon = try bench.startDaemon()
    let start = daemon.transcript.split(separator: "\n").filter { $0.contains("mode=") }.map(String.init)
    #expect(
      start == [
        "<6>source configured source=a mode=approve", "<6>source configured source=b mode=import",
        "<6>source configured source=hr mode=dry-run",
      ])
    try configure("import", "[Source a]\nMode=approve\n[Source c]")
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    let all = daemon.transcript.split(separator: "\n").map(String.init)
    #expect(
      all.filter { $0.contains("mode=") || $0.contains("removed") }.dropFirst(3) == [
        "<5>source added source=c mode=dry-run",
        "<5>source mode changed source=hr mode=import before=dry-run",
        "<5>source removed source=b before=import",
      ])
  }

  @Test func `a directory that a reload adds is the first one's as well`() throws {
    let daemon = try bench.startDaemon()
    let other = try ProgramBench()
    let rest = "[Source finance]\nDirectory=\(bench.directory)/finance"
    try bench.configure(rest: rest)
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    try other.configure(rest: rest)
    let second = other.run("once")
    #expect(second.status == 75)
    #expect(
      second.errors.contains("'\(bench.directory)/finance' is in use by process \(daemon.process)"),
      "\(second.errors)")
  }

  @Test func `a source whose directory another daemon has waits after a reload, and says whose it is`() throws
  {
    let other = try ProgramBench()
    let owner = try other.startDaemon()
    let daemon = try bench.startDaemon()
    try bench.configure(rest: "[Source finance]\nDirectory=\(other.drop)")
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    let line = try #require(daemon.line(with: "drop directory cannot be watched"), "\(daemon.transcript)")
    #expect(line.contains("is in use by process \(owner.process)"), "\(line)")
  }

  /// A schedule call that is under way gets 15 s at the end of the program; a machine that is busy with other tests needs a
  /// few for itself.
  static let lessThanAGrace = Duration.seconds(12)

  @Test func `SIGTERM during an upload ends 0 at once, and the set is taken up again`() async throws {
    try bench.simulator.add("file:stall:at=body")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    #expect(await bench.simulator.wait(atMost: .seconds(30)) { $0.requests(of: .file) == 1 })
    let start = ContinuousClock.now
    daemon.signal(SIGTERM)
    #expect(daemon.end(within: .seconds(30)) == 0)
    #expect(ContinuousClock.now - start < Self.lessThanAGrace)
    bench.simulator.clearFaults()
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    #expect(bench.simulator.record.jobs.count == 1)
    #expect(bench.simulator.record.orphans.count == 1)
  }

  @Test func `a second SIGTERM does not wait for a schedule call, which stays in doubt and is made good`()
    async throws
  {
    try bench.simulator.add("schedule:stall:at=end")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    #expect(await bench.simulator.wait(atMost: .seconds(30)) { $0.jobs.count == 1 })
    daemon.signal(SIGTERM)
    #expect(daemon.line(with: "shutting down") != nil)
    let start = ContinuousClock.now
    daemon.signal(SIGTERM)
    #expect(daemon.end(within: .seconds(30)) == 0)
    #expect(ContinuousClock.now - start < Self.lessThanAGrace)
    #expect(try bench.json(bench.run("list", "--json")).map { $0["state"]?.text } == ["scheduling"])
    bench.simulator.clearFaults()
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 1)
  }

  @Test func `neither the key nor its header is in any output or file`() throws {
    try bench.dropFolder("bad", control: "{}")
    try bench.dropFolder("good")
    let daemon = try bench.startDaemon()
    try #require(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    bench.simulator.revokeKey()
    try bench.dropFolder("refused")
    try #require(daemon.line(with: "delivery suspended") != nil, "\(daemon.transcript)")
    var output = ""
    for command in [
      ["status"], ["status", "--json"], ["list"], ["list", "--json"], ["config"], ["config", "--json"],
      ["config", "--online"], ["show", "2"], ["once"],
    ] {
      let run = BuiltProgram.run(["--config", bench.configuration] + command)
      output += run.output + run.errors
    }
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    output += daemon.transcript
    #expect(output.contains("state=archived"))
    #expect(!output.contains(ProgramBench.key))
    #expect(!output.contains("Authorization"))
    #expect(!output.contains(Data("haplo:\(ProgramBench.key)".utf8).base64EncodedString()))
    #expect(try bench.filesWithKey() == [])
  }
}
