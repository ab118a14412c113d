import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// Sets of a source that was paused or halted, and `once`, which must end all the same.
@Suite struct PausedSourceTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  @Test func `once ends though a set of a paused source waits in work`() async throws {
    SampleSet(name: "monday").drop(in: place)
    try simulator.add("batch:503")
    try await service.once()
    simulator.clearFaults()
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    _ = try await decisions.perform(.pause(sources: [SourceName("hr")!]), by: "ada")
    (service.time as? FastTime)?.skip(.seconds(660))
    #expect(try await service.once().deferred == 1)
    #expect(simulator.record.jobs.isEmpty)
    _ = try await decisions.perform(.resume(sources: [SourceName("hr")!]), by: "ada")
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 1)
  }

  @Test func `log and journal say who resumed a source`() async throws {
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    _ = try await decisions.perform(.pause(sources: [SourceName("hr")!]), by: "ada")
    _ = try await decisions.perform(.resume(sources: [SourceName("hr")!]), by: "ben")
    #expect(service.log.of(.sourceResumed).map(\.line) == ["source resumed source=hr by=ben"])
    #expect(place.text(place.journal).contains(#""control":{"resumedBy":"ben"}"#))
    #expect(try place.reading().state.controls.isEmpty)
  }

  @Test func `a decision made while the daemon is down ends the halt of its source`() async throws {
    var service = service
    service.sources = ["hr": "OnRejected=halt"]
    let bad = SampleSet(name: "bad", hasControl: false)
    bad.drop(in: place)
    place.write("{}", to: place.drop() + "/bad/control.json")
    try await service.once()
    let set = try #require(service.log.of(.setRejected).first?["set"])
    #expect(try place.reading().state.controls.values.map(\.haltedBy?.text) == [set])
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    _ = try await decisions.perform(.decide(.retry(importAgain: false), sets: [set]), by: "ada")
    #expect(try place.reading().state.controls.isEmpty)
    #expect(service.log.of(.sourceResumed).count == 1)
  }

  @Test func `show of a set whose source is paused says that it waits for 'resume'`() async throws {
    SampleSet(name: "monday").drop(in: place)
    try simulator.add("batch:503")
    try await service.once()
    let configuration = try service.load().configuration
    _ = try await OfflineDecisions(configuration, log: service.log).perform(
      .pause(sources: [SourceName("hr")!]), by: "ada")
    let state = try place.reading().state
    let set = try #require(state.deliveries.values.first?.set)
    let shown = try SpoolReports(configuration, state, fileSystem: FileSystem(), now: service.time.now)
      .show(set.text)
    #expect(shown.outlook.contains("paused by ada") && shown.outlook.contains("haplo-importd resume hr"))
  }
}
