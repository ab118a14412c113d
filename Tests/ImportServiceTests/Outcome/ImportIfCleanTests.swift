import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import Testing

@testable import ImportService

/// `Mode=import-if-clean` in the running service.
@Suite(.timeLimit(.minutes(5))) struct ImportIfCleanTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place, mode: "import-if-clean")
  }

  /// Lets the service work three times, each time until all jobs have ended that can.
  private func work(_ service: TestService? = nil) async throws {
    for _ in 1...3 {
      try await (service ?? self.service).once()
      await simulator.settleJobs()
    }
  }

  private func report() throws -> SetReport? {
    try SpoolReports(
      service.load().configuration, place.reading().state, fileSystem: Disk().fileSystem,
      now: service.time.now
    ).list(SetSelection()).sets.first
  }

  @Test func `the same bytes are imported by themselves after a clean dry run`() async throws {
    SampleSet(name: "monday").drop(in: place)
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false], "\(service.log.text)")
    let (dryRun, imported) = (simulator.record.jobs[0], simulator.record.jobs[1])
    #expect(dryRun.data.mapValues(\.digest) == imported.data.mapValues(\.digest))
    let line = try #require(service.log.of(.setApproved).first)
    #expect(line["by"] == "Mode=import-if-clean" && line["records"] == "2")
    let set = try #require(try report())
    #expect(set.state == .archived && set.outcome?.state == .imported)
  }

  @Test(arguments: [
    ("schedule:complete:errors=2:nth=1", "the dry run ended with 2 errors"),
    ("schedule:exception:nth=1", "the dry run failed on the server"),
  ])
  func `any other result waits for a person, and says why`(fault: String, reason: String) async throws {
    try simulator.add(fault)
    SampleSet(name: "monday").drop(in: place)
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true], "\(service.log.text)")
    let set = try #require(try report())
    #expect(set.state == .awaitingApproval && set.reason == reason)
    let results = try await service.perform(.decide(.approve, sets: [set.set.text]))?.results
    #expect(results?.first?.text.hasPrefix("warning: the dry run ") == true, "\(results as Any)")
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false])
  }

  @Test func `a rejected set keeps the batch of its dry run, whose log can be read`() async throws {
    try simulator.add("schedule:exception:nth=1")
    SampleSet(name: "monday").drop(in: place)
    try await work()
    let set = try #require(try report())
    #expect(set.batch != nil)
    _ = try await service.perform(
      .decide(.reject(reason: "the dry run failed"), sets: [set.set.text]))
    try await work()
    let rejected = try #require(try report())
    #expect(rejected.state == .rejected && rejected.batch == set.batch)
  }

  @Test func `a set without records waits for a person, though its dry run ends without errors`() async throws
  {
    let folder = "\(place.root)/monday"
    place.makeFolder(folder)
    place.write(SampleSet.control(keys: ["data0"]), to: "\(folder)/control.json")
    place.write("[]", to: "\(folder)/data0.json")
    #expect(rename(folder, "\(place.drop())/monday") == 0)
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true], "\(service.log.text)")
    let set = try #require(try report())
    #expect(set.state == .awaitingApproval && set.outcome?.text == "checked")
    #expect(set.reason == "the dry run ended without errors, but the set has no records")
  }

  @Test func `a set whose records were not counted waits for a person`() async throws {
    var service = service
    service.sources = ["hr": "Mode=import-if-clean\nCheck=control"]
    SampleSet(name: "monday").drop(in: place)
    try await work(service)
    #expect(simulator.record.jobs.map(\.isDryRun) == [true], "\(service.log.text)")
    #expect(
      try report()?.reason == "the dry run ended without errors, but the set's records were not counted here")
  }

  @Test func `pages that say nothing import nothing`() async throws {
    try simulator.add("pages:403")
    SampleSet(name: "monday").drop(in: place)
    try await work()
    (service.time as? FastTime)?.skip(.seconds(90_000))
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true])
    #expect(try report()?.reason?.hasPrefix("the result of the dry run is unknown") == true)
  }

  @Test func `a set whose dry run has no result yet says so, and that nobody has to act`() async throws {
    try simulator.add("schedule:complete:for=1h")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    let set = try #require(try report())
    #expect(set.reason == "the result of the dry run is not known yet" && set.remedy == nil)
    #expect(
      service.log.of(.setScheduled).first?["reason"]
        == "the dry run is scheduled; the import follows by itself if the dry run ends without errors")
    let attention = try service.status().attention.map(\.line)
    #expect(
      attention == [
        "hr: 1 set waits for the result of its dry run; run 'haplo-importd list --source hr --state awaiting-approval'"
      ])
    #expect(try service.status().sources[0].awaitingResult == 1)
  }

  @Test func `a set whose result is not read at present needs a decision, and says so`() async throws {
    try simulator.add("schedule:complete:for=1h")
    try simulator.add("pages:403")
    SampleSet(name: "monday").drop(in: place)
    try await work()
    let set = try #require(try report())
    #expect(set.reason == "the result of the dry run is not read at present")
    #expect(set.remedy?.contains("haplo-importd approve \(set.set)") == true)
    #expect(
      try service.status().attention.contains { $0.text == "1 set awaits approval" }, "\(service.log.text)")
  }

  @Test func `a source that is paused, or no longer wants it, imports nothing by itself`() async throws {
    try simulator.add("schedule:complete:for=2s:nth=1")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    #expect(try report()?.outcome?.state == .pending)
    _ = await simulator.wait { record in record.batches.allSatisfy { $0.errors != nil } }
    var manual = service
    manual.sources = ["hr": "Mode=approve"]
    try await work(manual)
    #expect(simulator.record.jobs.map(\.isDryRun) == [true])
    func waiting(_ service: TestService) throws -> (reason: String?, remedy: String?) {
      let set = try #require(try service.reports().first)
      return (set.reason, set.remedy)
    }
    let changed = try waiting(manual)
    #expect(changed.reason == "the import needs an approval" && changed.remedy?.contains("approve") == true)
    _ = try await service.perform(.pause(sources: [SourceName("hr")!]))
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true])
    let paused = try waiting(service)
    #expect(paused.reason == "the dry run ended without errors; the import is not queued")
    #expect(paused.remedy?.hasSuffix("Run 'haplo-importd resume hr'") == true, "\(paused)")
    #expect(try service.status().sources[0].awaitingResult == 0)
    _ = try await service.perform(.resume(sources: [SourceName("hr")!]))
    try await work()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false])
  }

  @Test func `the mode needs the outcome key`() {
    let file = ConfigurationFile(
      path: "a.conf", text: "[Server]\nURL=https://h\n[Source hr]\nMode=import-if-clean\n")
    #expect(throws: ConfigurationErrors.self) {
      try Configuration.parse([file], environment: ConfigurationEnvironment())
    }
  }

  @Test func `whenever the machine dies, a clean set is checked once and imported once`() async throws {
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    _ = await simulator.wait(atMost: .seconds(1)) { record in record.batches.allSatisfy { $0.errors != nil } }
    for number in 1...60 {
      let disk = Disk(dyingAt: number * 3)
      _ = try? await service.once(disk)
      if !disk.isDead { break }
    }
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false], "\(service.log.text)")
  }
}
