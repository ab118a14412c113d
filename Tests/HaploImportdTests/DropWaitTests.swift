import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `drop --wait`, interrupted drops, and drops that lack a right or room.
@Suite struct DropWaitTests {
  let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    try makeSet("staff", #"[{"id": 1}]"#)
  }

  private func makeSet(_ name: String, _ data: String, control: String = ProgramBench.control) throws {
    try FileManager.default.createDirectory(
      atPath: "\(bench.directory)/out/\(name)", withIntermediateDirectories: true)
    try bench.write("out/\(name)/control.json", control)
    try bench.write("out/\(name)/data0.json", data)
  }

  private func path(_ name: String) -> String { "\(bench.directory)/out/\(name)" }

  private var dropped: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: bench.drop))?.sorted() ?? []
  }

  @Test func `the result of this set is waited for, not that of an earlier one with its name`() throws {
    try bench.dropFolder("staff", control: "{}")
    #expect(bench.run("once").status == 65)
    let daemon = try bench.startDaemon()
    let run = bench.run("drop", "hr", path("staff"), "--wait=2min")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.last?.hasSuffix(": archived") == true, "\(run.output)")
    #expect(bench.simulator.record.jobs.count == 1)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a rejected set ends 65, with its id and reason`() throws {
    // The server knows what check cannot know.
    try bench.simulator.add(
      "control:fail:status=400:type=text/plain:body=Invalid control file:\n  No such model")
    let daemon = try bench.startDaemon()
    let run = bench.run("drop", "hr", path("staff"), "--wait", "--json")
    #expect(run.status == 65, "\(run.errors)")
    let objects = try bench.json(run)
    #expect(objects.count == 2 && objects[1]["state"] == .string("rejected"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `without a daemon the wait says so once, and an interruption leaves the set dropped`(signal: Int32)
    throws
  {
    let drop = RunningProgram(["--config", bench.configuration, "drop", "hr", path("staff"), "--wait"])
    #expect(drop.line(with: "the daemon is not running; waiting until it is started") != nil)
    drop.signal(signal)
    #expect(drop.end() == -signal)
    #expect(drop.transcript.split(separator: "\n").count == 1, "\(drop.transcript)")
    #expect(dropped == ["staff"])
  }

  @Test func `without a daemon the result of a run by hand is waited for`() throws {
    let drop = RunningProgram(["--config", bench.configuration, "drop", "hr", path("staff"), "--wait"])
    #expect(drop.line(with: "the daemon is not running") != nil)
    #expect(bench.run("once").status == 0)
    #expect(drop.end() == 0)
    #expect(drop.transcript.split(separator: "\n").count == 1, "\(drop.transcript)")
  }

  @Test func `when the time is up the status is 75, and the set stays dropped`() throws {
    let run = bench.run("drop", "hr", path("staff"), "--wait=0")
    #expect(run.status == 75)
    #expect(run.errors.contains("'staff' was not picked up when the time was up"), "\(run.errors)")
    #expect(dropped == ["staff"])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `an interrupted copy is removed, and the program ends by the signal`(signal: Int32) throws {
    // A file of zeros that takes long to copy and no room here.
    truncate(path("staff/data0.json"), 16 << 30)
    let run = RunningProgram(["--config", bench.configuration, "drop", "hr", path("staff")])
    let end = ContinuousClock.now + .seconds(60)
    while dropped.isEmpty, ContinuousClock.now < end { sched_yield() }
    #expect(dropped.count == 1 && dropped[0].hasPrefix(".drop-"))
    run.signal(signal)
    #expect(run.end() == -signal)
    #expect(dropped == [])
  }
}
