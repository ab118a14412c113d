import HaploSimulator
import ImportCore
@testable import ImportRuntime
import Testing

@testable import ImportService

/// A machine that is set back to a snapshot as a whole: spool, journal and archive agree, and only the server knows that a set
/// that waited in the snapshot was imported since.
@Suite(.timeLimit(.minutes(5))) struct RolledBackMachineTests {
  private let place = Place()
  private let simulator: Simulator
  private let service: TestService

  init() throws { (simulator, service) = try TestService.readingOutcomes(place) }

  /// One set is archived in the snapshot. Another one is as this fault leaves it, and was imported since.
  private func setBack(_ fault: String, withKey: Bool) async throws -> TestService {
    var service = service
    if !withKey { service.server = "" }
    try await service.deliver("sunday", on: simulator)
    try simulator.add(fault)
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    var old = TestService(place.copy(), simulator)
    (old.server, old.sources, old.time) = (service.server, service.sources, service.time)
    (service.time as? FastTime)?.skip(.seconds(660))
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 2, "\(service.log.text)")
    await simulator.settleJobs()
    (service.time as? FastTime)?.skip(.seconds(43_200))
    return old
  }

  private func reconcile(_ old: TestService) async throws -> [DecisionResult] {
    try await old.perform(.compareWithServer(dryRun: false), withPages: true)?.results ?? []
  }

  private func monday(_ old: TestService) throws -> SetReport? {
    try old.reports().first { $0.name == "monday" }
  }

  @Test func `without the outcome key a set in doubt keeps its batch, and is confirmed by state only`()
    async throws
  {
    let old = try await setBack("schedule:half", withKey: false)
    try await old.onceUntilSettled()
    #expect(simulator.record.jobs.count == 2, "\(old.log.text)")
    let set = try #require(try monday(old))
    #expect(set.state == .archived && set.reason?.contains("confirmed by state only") == true, "\(set)")
    #expect(try old.status().sources.first?.stateOnly == [set.set.text])
  }

  @Test func `with the outcome key the end of its job settles that`() async throws {
    let old = try await setBack("schedule:half", withKey: true)
    try await old.onceUntilSettled()
    #expect(simulator.record.jobs.count == 2, "\(old.log.text)")
    let set = try #require(try monday(old))
    #expect(set.state == .archived && set.outcome?.state == .imported && set.reason == nil, "\(old.log.text)")
    #expect(try old.status().sources.first?.stateOnly == [])
  }

  @Test(arguments: ["file:503", "batch:503", "schedule:half"])
  func `with the outcome key 'reconcile' before the start finds what was scheduled since`(fault: String)
    async throws
  {
    let old = try await setBack(fault, withKey: true)
    let results = try await reconcile(old)
    let set = try #require(try monday(old))
    #expect(results.map(\.subject) == [set.set.text], "\(results)")
    #expect(results.first?.text.contains("recorded as scheduled") == true, "\(results)")
    try await old.onceUntilSettled()
    try await old.once()
    #expect(simulator.record.jobs.count == 2, "\(old.log.text)")
    let archived = try #require(try monday(old))
    #expect(archived.state == .archived && archived.outcome?.state == .imported, "\(old.log.text)")
    #expect(archived.batch?.text == simulator.record.jobs[1].batch)
  }

  @Test func `a set that nobody scheduled since is delivered after the comparison`() async throws {
    try simulator.add("file:503")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    let before = try place.reading().state
    let results = try await reconcile(service)
    #expect(results.map(\.outcome) == [.done])
    #expect(
      results.first?.text.contains("no scheduled batch of this set: it is delivered") == true, "\(results)")
    #expect(try place.reading().state.deliveries == before.deliveries)
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 1)
  }

  /// The set waits in the snapshot for the result of its dry run, or for a person, and was imported since.
  @Test(arguments: ["import-if-clean", "approve"], [false, true])
  func `a set that was imported after its dry run is not imported again`(mode: String, isArchived: Bool)
    async throws
  {
    var service = service
    service.sources = ["hr": "Mode=\(mode)"]
    try simulator.add("pages:503")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    await simulator.settleJobs()
    let journal = place.text(place.journal)
    let snapshot = place.copy()
    if mode == "approve" {
      let set = try #require(try service.reports().first).set
      _ = try await service.perform(.decide(.approve, sets: [set.text]))
    }
    for _ in 1...2 {
      try await service.once()
      await simulator.settleJobs()
    }
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false], "\(service.log.text)")
    // All of the machine, or its journal alone beside the archive of today.
    let old: TestService
    if isArchived {
      place.write(journal, to: place.journal)
      old = service
    } else {
      var other = TestService(snapshot, simulator)
      (other.server, other.sources, other.time) = (service.server, service.sources, service.time)
      old = other
    }
    let results = try await reconcile(old)
    #expect(results.first?.text.contains("recorded as scheduled") == true, "\(results)")
    for _ in 1...3 { try await old.once() }
    #expect(simulator.record.jobs.count == 2, "\(old.log.text)")
    let set = try #require(try old.reports().first)
    #expect(set.state == .archived && set.outcome?.state == .imported, "\(old.log.text)")
    #expect(set.batch?.text == simulator.record.jobs[1].batch)
    #expect(try old.place.reading().state.outcomes.jobs.isEmpty)
  }

  @Test func `a set that nobody approved since awaits approval still`() async throws {
    var service = service
    service.sources = ["hr": "Mode=approve"]
    try await service.deliver("monday", on: simulator)
    let results = try await reconcile(service)
    #expect(results.first?.text.hasSuffix("no batch of this set but its dry run: it awaits approval") == true)
    #expect(try service.reports().first?.state == .awaitingApproval)
  }

  @Test func `without the outcome key a person rejects it before the start`() async throws {
    let old = try await setBack("file:503", withKey: false)
    let set = try #require(try monday(old))
    let results = try await old.perform(
      .decide(.reject(reason: "imported before the machine was set back"), sets: [set.set.text]))?.results
    #expect(results?.map(\.outcome) == [.done])
    try await old.onceUntilSettled()
    #expect(simulator.record.jobs.count == 2 && old.log.of(.setScheduled).isEmpty, "\(old.log.text)")
  }
}
