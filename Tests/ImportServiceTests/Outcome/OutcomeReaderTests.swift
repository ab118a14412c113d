import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Testing

@testable import ImportService

/// What became of jobs, read from the server's pages while the service runs as `once`: each run reads each job once.
@Suite(.timeLimit(.minutes(5))) struct OutcomeReaderTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place)
  }

  /// Drops a set and lets the service work, until the job of each batch has ended that can.
  private func archived(_ name: String) -> [String] {
    place.files(below: "spool/archive").filter { $0.hasSuffix("/\(name)") }
  }

  @Test func `a job that ended without errors is imported: in list, outcome.json and the log`() async throws {
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.state == .archived)
    #expect(set.outcome?.state == .imported && set.outcome?.errors == 0 && set.outcome?.seen != nil)
    let line = try #require(service.log.of(.outcomeGood).first)
    #expect(line.priority == .notice && line["outcome"] == "imported" && line["set"] == set.set.text)
    #expect(line.journalFields.contains { $0.name == "HAPLO_OUTCOME" && $0.value == "imported" })
    #expect(archived("outcome.json").count == 1)
    #expect(try place.reading().state.outcomes.jobs.isEmpty)
    #expect(try service.status().outcomes.open == 0 && service.status().attention.isEmpty)
  }

  @Test func `from the schedule call on a job is pending, across restarts, until its end is stored`()
    async throws
  {
    try simulator.add("schedule:complete:for=10min")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.state == .archived && set.outcome == JobOutcome(.pending))
    #expect(try place.reading().state.outcomes.jobs.values.first?.number == 1)
    #expect(archived("outcome.json").isEmpty)
  }

  @Test func `errors are counted, warned of, and forgotten in the status with the next clean job`()
    async throws
  {
    try simulator.add("schedule:complete:errors=3:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    #expect(try service.reports().first?.outcome?.text == "imported-with-errors (3)")
    let line = try #require(service.log.of(.outcomeWithErrors).first)
    #expect(
      line.priority == .warning && line["errors"] == "3" && line["remedy"]?.contains("--server-log") == true)
    let attention = try #require(try service.status().attention.first)
    #expect(attention.severity == .warning && attention.text == "a set was imported with errors")
    try await service.deliver("tuesday", on: simulator)
    try await service.once()
    #expect(try service.status().attention.isEmpty)
  }

  @Test func `a job that failed is an error and critical, and halts its source if that is wanted`()
    async throws
  {
    var service = service
    service.sources = ["hr": "Mode=import\nOnFailed=halt\nResultFiles=yes", "finance": "Mode=import"]
    try simulator.add("schedule:exception:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.outcome?.state == .failed && set.outcome?.errors == nil)
    #expect(service.log.of(.outcomeFailed).first?.priority == .error)
    let status = try service.status()
    #expect(status.attention.first?.severity == .critical)
    #expect(status.attention.first?.text == "the job of a set failed on the server")
    #expect(status.sources.first { $0.source == "hr" }?.stopped?.contains("OnFailed=halt") == true)
    #expect(
      place.files(below: "spool/drop/hr") == [".results/monday.accepted", ".results/monday.failed.txt"])
    // Halted: the next set stays where it is, and that of another source does not.
    try await service.deliver("tuesday", on: simulator)
    try await service.deliver("budget", source: "finance", on: simulator)
    #expect(simulator.record.jobs.count == 2)
    _ = try await service.perform(.resume(sources: [SourceName("hr")!]))
    try await service.once()
    #expect(simulator.record.jobs.count == 3)
  }

  @Test func `a failed job halts nothing unless that is wanted`() async throws {
    try simulator.add("schedule:exception:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.deliver("tuesday", on: simulator)
    #expect(simulator.record.jobs.count == 2)
  }

  @Test(arguments: ["schedule:stuck:nth=1", "schedule:killed:nth=1", "schedule:lose-job:nth=1"])
  func `a job that stays open while a later one has ended is stuck`(fault: String) async throws {
    try simulator.add(fault)
    try await service.deliver("monday", on: simulator)
    if fault.contains("lose-job") { try await service.onceUntilSettled() }
    try await service.once()
    #expect(try service.reports().first?.outcome?.state == .pending)
    try await service.deliver("tuesday", on: simulator)
    for _ in 1...2 { try await service.once() }
    let (monday, tuesday) = (
      try #require(try service.reports().first), try #require(try service.reports().last)
    )
    #expect(monday.outcome?.state == .stuck, "\(service.log.text)")
    #expect(tuesday.outcome?.state == .imported)
    let line = try #require(service.log.of(.outcomeStuck).first)
    #expect(
      line.priority == .error && line["reason"]?.contains("which was scheduled later, has ended") == true)
    #expect(line["remedy"]?.contains("retry --import-again") == true)
  }

  @Test func `so is one of which the list shows at the first look that the source's next one has ended`()
    async throws
  {
    // Uploaded side by side: either batch can have the higher number.
    try simulator.add("schedule:stuck:nth=1")
    SampleSet(name: "monday").drop(in: place)
    SampleSet(name: "tuesday").drop(in: place)
    simulator.revokeOutcomeKey()
    try await service.once()
    await simulator.settleJobs()
    simulator.acceptOutcomeKey(TestService.outcomeKey)
    try forgetRefusal()
    for _ in 1...2 { try await service.once() }
    // Of sets of one second the list's order is that of the ids.
    let states = try service.reports().sorted { $0.name < $1.name }.map(\.outcome?.state)
    #expect(states == [.stuck, .imported], "\(service.log.text)")
  }

  /// Takes the record of a refusal out of the journal, as a reload does.
  private func forgetRefusal() throws {
    let reading = try place.reading()
    var state = reading.state
    try state.apply(
      JournalRecord(
        sequence: state.sequence + 1, synced: 0, time: service.time.now,
        entry: .outcomeReading(OutcomeReading())))
    place.write(
      String(
        decoding: JournalSnapshot.bytes(of: state, header: reading.header, at: service.time.now),
        as: UTF8.self),
      to: place.journal)
  }

  @Test func `a job behind one that still runs is not asked about`() async throws {
    try simulator.add("schedule:complete:for=10min:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let before = simulator.record.requests(ofPage: .batch)
    try await service.deliver("tuesday", on: simulator)
    #expect(simulator.record.requests(ofPage: .batch) == before + 1)
    #expect(try service.reports().map(\.outcome?.state) == [.pending, .pending])
  }

  @Test(arguments: ["pages:403", "pages:redirect", "pages:not-permitted"])
  func `one refusal ends the reading, across restarts, and imports go on`(fault: String) async throws {
    var service = service
    service.time = ManualTime()
    try simulator.add(fault)
    try await service.deliver("monday", on: simulator)
    #expect(simulator.pageRequests == 1)
    for name in ["tuesday", "wednesday", "thursday"] { try await service.deliver(name, on: simulator) }
    #expect(simulator.pageRequests == 1)
    #expect(simulator.record.jobs.count == 4)
    let line = try #require(service.log.of(.outcomesStopped).first)
    #expect(line.priority == .error && line["remedy"]?.contains("reload") == true)
    #expect(service.log.of(.outcomesStopped).count == 1)
    let status = try service.status()
    #expect(status.outcomes.state == "stopped" && status.outcomes.open == 4)
    #expect(status.attention.contains { $0.text.contains("outcomes have not been read since") })
  }

  @Test func `pages that nobody knows make the outcome unknown after ten answers, and change nothing`()
    async throws
  {
    try simulator.add("pages:unknown-markup")
    try await service.deliver("monday", on: simulator)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.outcomeUnknown))
    daemon.cancel()
    _ = try await daemon.value
    let set = try #require(try service.reports().first)
    #expect(set.state == .archived && set.outcome?.state == .unknown)
    #expect(set.outcome?.reason?.contains("does not say how many batches") == true, "\(set.outcome as Any)")
    #expect(simulator.pageRequests <= 11)
    #expect(simulator.record.jobs.count == 1)
  }

  @Test func `a log of 15 MB is not read through`() async throws {
    try simulator.add("batch-page:large-log")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    #expect(try service.reports().first?.outcome?.state == .imported)
  }

  @Test(arguments: [false, true])
  func `a job that never ends is unknown after OutcomeTimeoutSec=, whether or not the server answers`(
    isRevoked: Bool
  ) async throws {
    try simulator.add("schedule:dead-worker")
    try await service.deliver("monday", on: simulator)
    if isRevoked { simulator.revokeOutcomeKey() }
    (service.time as? FastTime)?.skip(.seconds(86_401))
    try await service.once()
    let outcome = try #require(try service.reports().first?.outcome)
    #expect(outcome.state == .unknown && outcome.reason?.contains("OutcomeTimeoutSec=") == true)
    #expect(try place.reading().state.outcomes.jobs.isEmpty)
  }

  @Test(arguments: [false, true])
  func `an end that came while no daemon ran is read, however long that was`(isDaemon: Bool) async throws {
    try simulator.add("schedule:complete:errors=2:for=300ms:nth=1")
    try await service.deliver("monday", on: simulator)
    #expect(try place.reading().state.outcomes.jobs.count == 1)
    (service.time as? FastTime)?.skip(.seconds(3 * 86_400))
    if isDaemon {
      let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
      #expect(await service.log.tell(.outcomeWithErrors))
      daemon.cancel()
      _ = try await daemon.value
    } else {
      try await service.once()
    }
    #expect(service.log.of(.outcomeUnknown).isEmpty, "\(service.log.text)")
    #expect(try service.reports().first?.outcome?.text == "imported-with-errors (2)")
  }

  @Test func `a server that has lost the batch makes the outcome unknown`() async throws {
    try simulator.add("schedule:complete:for=10min")
    try await service.deliver("monday", on: simulator)
    simulator.forgetBatches()
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.outcomeUnknown))
    daemon.cancel()
    _ = try await daemon.value
    #expect(try service.reports().first?.outcome?.state == .unknown)
    #expect(try service.reports().first?.state == .archived)
  }

  @Test func `a server that fails delays the outcome only`() async throws {
    try simulator.add("pages:500:count=3")
    try await service.deliver("monday", on: simulator)
    for _ in 1...4 { try await service.once() }
    #expect(try service.reports().first?.outcome?.state == .imported, "\(service.log.text)")
  }

  @Test func `a daemon reads with growing pauses`() async throws {
    try simulator.add("schedule:complete:for=300ms")
    SampleSet(name: "monday").drop(in: place)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.outcomeGood), "\(service.log.text)")
    let requests = simulator.pageRequests
    // 300 s of the service's time: 2 + 4 + … pauses up to 300 s.
    #expect(requests <= 16, "\(requests)")
    #expect(simulator.record.sessions.made == 1)
    daemon.cancel()
    _ = try await daemon.value
  }

  @Test func `without an outcome key nothing is asked, stored or shown`() async throws {
    var service = service
    service.server = ""
    try await service.deliver("monday", on: simulator)
    try await service.once()
    #expect(simulator.pageRequests == 0)
    #expect(try service.reports().first?.outcome == nil)
    #expect(!place.text(place.journal).contains("\"job\""))
    #expect(try service.status().outcomes.state == "off")
  }

  @Test func `a dry run that awaits approval shows its result, and so does the journal`() async throws {
    var service = service
    service.sources = ["hr": "Mode=approve"]
    try simulator.add("schedule:complete:errors=2:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.state == .awaitingApproval && set.outcome?.text == "checked-with-errors (2)")
    #expect(place.text(place.journal).contains("dryRunEnded"))
    _ = try await service.perform(.decide(.approve, sets: [set.set.text]))
    try await service.once()
    await simulator.settleJobs()
    try await service.once()
    let imported = try #require(try service.reports().first)
    #expect(imported.state == .archived && imported.outcome?.state == .imported, "\(service.log.text)")
  }

  @Test func `nothing of the job's log is in any file or in our log`() async throws {
    try simulator.add("schedule:complete:errors=2")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    #expect(try service.reports().first?.outcome?.errors == 2)
    for file in place.files(below: "") where !file.contains("/files/") {
      #expect(!place.text("\(place.root)/\(file)").contains("START:"), "\(file)")
    }
    #expect(!service.log.text.contains("START:"))
  }

  @Test func `a set that is imported again has the outcome of its new batch only`() async throws {
    try simulator.add("schedule:exception:nth=1")
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.outcome?.state == .failed)
    _ = try await service.perform(.decide(.retry(importAgain: true), sets: [set.set.text]))
    #expect(try service.status().attention.isEmpty)
    try simulator.add("schedule:complete:for=10min")
    try await service.once()
    #expect(try service.reports().first?.outcome?.state == .pending)
    #expect(archived("outcome.json").isEmpty)
  }
}
