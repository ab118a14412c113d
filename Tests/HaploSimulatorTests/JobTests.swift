import HaploSimulator
import Testing

@testable import struct HaploSimulator.JSONReader

/// docs/server.md, "Jobs and their pages": the states, and the order in which jobs run.
@Suite struct JobTests {
  private let bench: OutcomeBench
  private var simulator: Simulator { bench.simulator }
  private var states: [SimulatorRecord.Batch.State] { simulator.record.batches.map(\.state) }

  init() throws { bench = try OutcomeBench() }

  @Test(arguments: [(nil, "complete"), ("dry-run", "dry-run")] as [(String?, String)])
  func `a batch is uploading, then runs for its time, then is finished`(mode: String?, end: String) throws {
    let batch = try bench.newBatch()
    #expect(try bench.listed() == ["uploading "])
    _ = try simulator.schedule(batch, mode: mode)
    #expect(try bench.listed() == ["running "])
    bench.clock.advance(.milliseconds(9999))
    #expect(try bench.listed() == ["running "])
    bench.clock.advance(.milliseconds(1))
    #expect(try bench.listed() == ["\(end) 0"])
  }

  @Test func `jobs run one at a time in the order of the schedule calls`() throws {
    let batches = try (0..<3).map { _ in try bench.newBatch() }
    for index in [2, 0, 1] { _ = try simulator.schedule(batches[index]) }
    #expect(states == [.scheduled, .scheduled, .running])
    bench.clock.advance(.seconds(10))
    #expect(states == [.running, .scheduled, .complete])
    bench.clock.advance(.seconds(20))
    #expect(states == [.complete, .complete, .complete])
  }

  @Test func `a worker that was idle begins when the job is scheduled`() throws {
    try bench.schedule()
    bench.clock.advance(.seconds(100))
    try bench.schedule()
    bench.clock.advance(.seconds(9))
    #expect(states == [.complete, .running])
    bench.clock.advance(.seconds(1))
    #expect(states == [.complete, .complete])
  }

  @Test(arguments: [
    ("complete:errors=3", ["complete 3"]), ("exception", ["error 0"]), ("stuck", ["scheduled "]),
    ("killed", ["running "]),
  ])
  func `a fault says how a job ends, and the next one ends as usual`(kind: String, wanted: [String]) throws {
    try simulator.add("schedule:\(kind):nth=1")
    try bench.schedule()
    try bench.schedule()
    bench.clock.advance(.seconds(20))
    #expect(try bench.listed() == ["complete 0"] + wanted)
    #expect(simulator.record.jobs.count == 2)
  }

  @Test func `a dry run with errors keeps its state`() throws {
    try simulator.add("schedule:complete:errors=7")
    try bench.schedule(mode: "dry-run")
    bench.clock.advance(.seconds(10))
    #expect(try bench.listed() == ["dry-run 7"])
  }

  @Test func `a dead worker leaves its job running and the later ones scheduled until a restart`() throws {
    try simulator.add("schedule:dead-worker:nth=2")
    for _ in 0..<3 { try bench.schedule() }
    bench.clock.advance(.seconds(1000))
    #expect(states == [.complete, .running, .scheduled])
    _ = try simulator.admin("POST", "restart")
    bench.clock.advance(.seconds(10))
    #expect(states == [.complete, .running, .complete])
  }

  @Test func `a restart leaves the job that was running as it was`() throws {
    for _ in 0..<2 { try bench.schedule() }
    simulator.restart()
    bench.clock.advance(.seconds(10))
    #expect(states == [.running, .complete])
  }

  @Test func `a server that fails between state and job leaves a batch scheduled for ever`() throws {
    try simulator.add("schedule:lose-job:nth=1")
    let batch = try bench.newBatch()
    #expect(try simulator.schedule(batch)?.status == 500)
    #expect(try simulator.schedule(batch)?.body == "Batch \(batch) is not in the 'uploading' state")
    try bench.schedule()
    bench.clock.advance(.seconds(20))
    #expect(try bench.listed() == ["complete 0", "scheduled "])
    #expect(simulator.record.jobs.count == 1)
    #expect(simulator.record.orphans.isEmpty)
  }

  @Test func `a server that is killed there gives no answer`() throws {
    try simulator.add("schedule:lose-job:nth=1")
    try simulator.add("schedule:drop:nth=1")
    let batch = try bench.newBatch()
    #expect(try simulator.schedule(batch) == nil)
    #expect(try simulator.schedule(batch)?.status == 400)
    #expect(simulator.record.jobs.isEmpty)
  }

  @Test func `a fault is for a comment or a number, and the one that was added last decides`() throws {
    try simulator.add("schedule:exception")
    try simulator.add("schedule:complete:errors=1:comment=library")
    try simulator.add("schedule:stuck:batch=3")
    for comment in ["hr+export", "library+export", "library+export"] { try bench.schedule(comment) }
    bench.clock.advance(.seconds(60))
    #expect(try bench.listed() == ["scheduled ", "complete 1", "error 0"])
  }

  @Test func `a job's time can be its own`() throws {
    try simulator.add("schedule:complete:for=1s:nth=1")
    try bench.schedule()
    bench.clock.advance(.seconds(1))
    #expect(states == [.complete])
  }

  @Test func `without a time a job is finished when the answer is there`() throws {
    let bench = try OutcomeBench { $0.jobTime = .zero }
    try bench.schedule()
    #expect(try bench.listed() == ["complete 0"])
  }

  @Test func `a forgotten batch does not run`() throws {
    try bench.schedule()
    simulator.forgetBatches()
    try bench.schedule()
    bench.clock.advance(.seconds(10))
    #expect(states == [.running, .complete])
  }

  @Test func `jobs move on by themselves, which the record tells`() async throws {
    let scratch = Scratch()
    var options = SimulatorOptions(apiKey: goodKey)
    options.jobTime = .milliseconds(1)
    options.recordPath = scratch.path + "/record"
    let simulator = try Simulator(options)
    try simulator.add("schedule:complete:errors=2:nth=2")
    for _ in 0..<2 { _ = try simulator.schedule(try simulator.newBatch(), mode: "dry-run") }
    #expect(await simulator.wait { $0.batches.allSatisfy { $0.state == .dryRun } })
    let lines = try #require(read(scratch.path + "/record")).split(separator: "\n")
    let events = lines.compactMap { JSONReader.parse(Array($0.utf8)) }.filter { $0["state"] != nil }
    let jobs = events.filter { $0["job"] != nil }
    #expect(jobs.map { $0["event"]?.scriptText } == ["started", "finished", "started", "finished"])
    #expect(jobs.map { $0["errors"]?.scriptText } == ["null", "0", "null", "2"])
    #expect(jobs.map { $0["state"]?.scriptText } == ["running", "dry-run", "running", "dry-run"])
  }

  @Test func `the record over HTTP has number, state and errors of each batch`() throws {
    try simulator.add("schedule:complete:errors=4")
    try bench.schedule()
    _ = try bench.newBatch()
    bench.clock.advance(.seconds(10))
    let text = try #require(try simulator.admin("GET", "record")).body
    let record = try #require(JSONReader.parse(Array(text.utf8)))
    guard case .array(let batches)? = record["batches"] else { throw RawError(call: "batches", errno: 0) }
    #expect(batches.map { $0["number"]?.scriptText } == ["1", "2"])
    #expect(batches.map { $0["state"]?.scriptText } == ["complete", "uploading"])
    #expect(batches.map { $0["errors"]?.scriptText } == ["4", "null"])
  }
}
