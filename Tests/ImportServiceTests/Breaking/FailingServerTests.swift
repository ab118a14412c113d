import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import Testing

/// Every fault of the simulator at every step, one at a time: afterwards each set is scheduled once.
@Suite struct FailingServerTests {
  static let everywhere = [
    "drop:nth=1", "cut:nth=1", "cut:bytes=10:nth=1", "cut:bytes=10:count=3", "half:nth=1", "html:nth=1",
    "html:at=end:nth=1", "redirect:nth=1", "not-permitted:nth=1", "proxy:nth=1", "proxy:status=504:count=2",
    "fail:status=500:nth=1", "fail:status=503:nth=1:retry-after=-5",
    "fail:status=503:nth=1:retry-after=99999999999",
    "fail:status=503:nth=1:retry-after=soon",
    "fail:status=503:nth=1:retry-after=Thu, 01 Jan 1970 00:00:00 GMT",
    "fail:status=503:nth=1:retry-after=2", "fail:status=429:nth=1:at=headers", "fail:status=404:nth=1",
    "fail:status=200:nth=1:type=text/plain:body=nonsense", "fail:status=403:nth=1", "fail:status=401:count=2",
    "fail:status=400:nth=1:type=text/plain:body=Bad Request",
    "fail:status=400:nth=1:type=application/json:body={}",
    "fail:status=400:nth=1:body=", "fail:status=405:nth=1",
    "fail:status=200:nth=1:type=text/plain:body=:at=end",
    "latency:for=20ms", "forget-controls:nth=1",
  ]

  @Test(arguments: ["control", "batch", "file", "schedule"], everywhere)
  func `a fault costs nothing but time`(step: String, fault: String) async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("\(step):\(fault)")
    try await trial.service.onceUntilSettled()
    trial.promise("\(step):\(fault)").check()
    #expect(trial.simulator.record.requests.contains { !$0.faults.isEmpty }, "the fault met nothing")
  }

  /// It refuses some, and a set needs three in a row from its batch on.
  @Test func `a set gets through a limit of fewer requests than it needs`() async throws {
    let trial = try Trial(.flat)
    for nth in [3, 5] { try trial.simulator.add("any:fail:status=429:nth=\(nth):retry-after=1") }
    let daemon = Task { try await trial.service.run(.daemon, Disk()) }
    #expect(await trial.service.log.tell(.setArchived), "\(trial.service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    trial.promise("a limit").check()
    #expect(trial.simulator.record.requests.filter { !$0.faults.isEmpty }.count == 2)
    #expect(trial.simulator.record.batches.count == 1)
  }

  /// A server that says nothing, before, in and after its work.
  @Test(arguments: ["control", "batch", "file", "schedule"], ["headers", "body", "end"])
  func `a silent server is given up after its time`(step: String, moment: String) async throws {
    var trial = try Trial(.flat)
    trial.service.server = "ReplyTimeoutSec=1s\nStallTimeoutSec=1s"
    try trial.simulator.add("\(step):stall:for=1h:at=\(moment):nth=1")
    try await trial.service.onceUntilSettled()
    trial.promise("\(step):stall at \(moment)").check()
  }

  @Test(arguments: ["control", "file"])
  func `a wrong digest gets a new batch, and is held at the fifth`(step: String) async throws {
    let once = try Trial(.flat)
    try once.simulator.add("\(step):wrong-digest:nth=1")
    try await once.service.onceUntilSettled()
    once.promise("once").check()

    let always = try Trial(.flat)
    try always.simulator.add("\(step):wrong-digest")
    try await always.service.onceUntilSettled()
    #expect(always.simulator.record.jobs.isEmpty)
    #expect(always.simulator.record.requests(of: step == "file" ? .file : .control) == 5)
    #expect(always.place.files(below: "spool/held").count == 5)
    // Each failed attempt but the last is followed by another, and only those are announced.
    let deferred = always.service.log.of(.setDeferred)
    #expect(deferred.compactMap { $0["attempt"] } == ["1", "2", "3", "4"], "\(always.service.log.text)")
    #expect(try always.place.reading().state.deliveries.values.map(\.attempts) == [5])
    let file = step == "file" ? "data0.json" : "control.json"
    for line in deferred + always.service.log.of(.setHeld) { #expect(line["file"] == file, "\(line.line)") }
  }

  @Test(arguments: ["control", "file"])
  func `what is too large is rejected, and the next set goes on`(step: String) async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("\(step):fail:status=413:nth=1")
    try await trial.service.onceUntilSettled()
    #expect(trial.simulator.record.jobs.count == 1)
    #expect(trial.place.files(below: "spool/rejected").count == 5)
    #expect(trial.service.log.of(.setRejected).first?["http"] == "413")
  }

  @Test(arguments: ["fail:status=413", "fail:status=431:nth=1"])
  func `after an intent nothing is rejected`(fault: String) async throws {
    let trial = try Trial(.flat)
    try trial.simulator.add("schedule:\(fault)")
    try await trial.service.onceUntilSettled()
    #expect(trial.place.files(below: "spool/rejected") == [])
    #expect(trial.place.files(below: "spool/held").count == 5)
    #expect(trial.place.text(heldFile("REASON.txt", trial)).contains("may have been scheduled"))
  }

  @Test func `a batch that the server lost after the intent is held`() async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("schedule:forget:nth=1")
    try await trial.service.onceUntilSettled()
    #expect(trial.service.log.of(.setHeld).first?["reason"]?.hasPrefix("Batch not found") == true)
    #expect(trial.place.text(heldFile("REASON.txt", trial)).contains("may have been scheduled"))
    #expect(
      trial.place.files(below: "spool/held").count == 10, "the other set's batch was filled, and is lost too")
    #expect(trial.simulator.record.jobs.isEmpty)
  }

  @Test func `a batch that the server lost before the intent is made anew`() async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("file:forget:nth=2")
    try await trial.service.onceUntilSettled()
    trial.promise("forgotten").check()
  }

  private func heldFile(_ name: String, _ trial: Trial) -> String {
    let path = trial.place.files(below: "spool/held").first { $0.hasSuffix(name) }
    return "\(trial.place.spool)/held/\(path ?? "nothing")"
  }
}
