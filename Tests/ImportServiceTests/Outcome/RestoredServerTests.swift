@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Testing

@testable import ImportService

/// The reader of outcomes when the server is restored from a backup between two requests: a job that had ended is open again.
@Suite(.timeLimit(.minutes(3))) struct RestoredServerTests {
  let place = Place()
  let clock = ServerClock()
  let simulator: Simulator
  let service: TestService
  private let time = ManualTime()

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place, clock, time, jobTime: .seconds(10))
  }

  private var outcomes: [String] {
    get throws {
      try service.reports().sorted { $0.set.text < $1.set.text }.map { $0.outcome?.state.rawValue ?? "none" }
    }
  }

  @Test func `a job that runs again is not stuck because a later one had ended before the restore`()
    async throws
  {
    for name in ["sunday", "monday", "tuesday"] { try await service.deliverUnread(name, on: simulator) }
    let backup = simulator.backUp()
    clock.advance(.seconds(60))
    // The server goes down between the list, in which all jobs have ended, and the page of the second.
    try simulator.add("batch-page:503:nth=2")
    let (live, journal) = try await service.live()
    try await live.outcomes.readOnce()
    #expect(simulator.record.requests(ofPage: .batch) == 2)
    simulator.restore(backup)
    simulator.clearFaults()
    try await live.outcomes.readOnce()
    #expect(service.log.of(.outcomeStuck).isEmpty, "\(service.log.text)")
    #expect(journal.outcomes.jobs.count == 2)
    clock.advance(.seconds(60))
    try await live.outcomes.readOnce()
    try await journal.close()
    #expect(try outcomes == ["imported", "imported", "imported"], "\(service.log.text)")
  }

  @Test func `a job that the restored server lost is stuck once a later one has ended there`() async throws {
    for name in ["sunday", "monday"] { try await service.deliverUnread(name, on: simulator) }
    let backup = simulator.backUp()
    let (live, journal) = try await service.live()
    try await live.outcomes.readOnce()
    // The job that was running when the backup was made is in no queue any more.
    simulator.restore(backup)
    try await live.outcomes.readOnce()
    #expect(service.log.of(.outcomeStuck).isEmpty)
    clock.advance(.seconds(60))
    for _ in 0..<2 { try await live.outcomes.readOnce() }
    try await journal.close()
    #expect(try outcomes == ["stuck", "imported"], "\(service.log.text)")
  }

  @Test func `a batch that the backup has without its schedule call is unknown, with that reason`()
    async throws
  {
    try simulator.add("schedule:503")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    let backup = simulator.backUp()
    simulator.clearFaults()
    time.advance(by: .seconds(660))
    try await service.once()
    #expect(try outcomes == ["pending"])
    simulator.restore(backup)
    let (live, journal) = try await service.live()
    for _ in 0..<10 { try await live.outcomes.readOnce() }
    try await journal.close()
    let outcome = try #require(try service.reports().first?.outcome)
    #expect(outcome.state == .unknown, "\(service.log.text)")
    #expect(
      outcome.reason?.hasSuffix("has the state 'uploading', as after a restore of the server from a backup")
        == true)
  }
}
