import Glibc
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// The reader of outcomes with a key that is refused or cannot be used.
@Suite(.timeLimit(.minutes(3))) struct OutcomeKeyTroubleTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place)
  }

  @Test func `while the server locks this address out no page is asked for, and a refusal proves nothing`()
    async throws
  {
    var service = service
    let time = ManualTime()
    service.time = time
    let (live, journal) = try await service.live()
    try await journal.record(.outcomeOpened(service.openJob))
    var breaker = journal.server
    _ = breaker.refused(.throttled, Reason("locked out"), key: "5a1c", at: time.now)
    try await journal.record(breaker)
    try await live.outcomes.readOnce()
    #expect(simulator.pageRequests == 0)
    try simulator.add("pages:403")
    time.advance(by: .seconds(331))
    try await live.outcomes.readOnce()
    #expect(simulator.pageRequests == 1 && journal.outcomes.reading.stop == nil)
    time.advance(by: .seconds(300))
    let reading = Task { try await live.outcomes.run() }
    // It sleeps until the lockout may be over.
    await time.sleeper(within: .seconds(30))
    #expect(simulator.pageRequests == 1)
    simulator.clearFaults()
    time.advance(by: .seconds(30))
    #expect(await simulator.wait { $0.requests(ofPage: .list) == 2 })
    reading.cancel()
    _ = try? await reading.value
    try await journal.close()
  }

  @Test func `another key than the refused one ends the stop at the start`() async throws {
    try simulator.add("pages:403")
    try await service.deliver("monday", on: simulator)
    #expect(try service.status().outcomes.state == "stopped")
    simulator.clearFaults()
    let key = "another-key-0123456789-abcdefghijklmnopqrstu"
    simulator.acceptOutcomeKey(key)
    var parts = service.parts()
    parts.load = { [service] in
      var loaded = try service.load()
      loaded.outcomeKey = try APIKey(key)
      return loaded
    }
    _ = try await Service(parts, purpose: .once, signals: nil).run()
    #expect(try service.status().outcomes.state == "reading")
    #expect(try service.reports().first?.outcome?.state == .imported)
    #expect(service.log.of(.outcomesResumed).count == 1)
  }

  @Test func `after a reload the daemon tries a refused key again`() async throws {
    try simulator.add("pages:403")
    let signals = SignalInbox.apart()
    let parts = service.parts()
    SampleSet(name: "monday").drop(in: place)
    let daemon = Task { try await Service(parts, purpose: .daemon, signals: signals).run() }
    #expect(await service.log.tell(.outcomesStopped))
    #expect(simulator.pageRequests == 1)
    simulator.clearFaults()
    signals.put(SIGHUP)
    #expect(await service.log.tell(.outcomesResumed))
    #expect(await service.log.tell(.outcomeGood), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(try service.status().outcomes.state == "reading")
  }

  @Test func `once tries a refused key again after an hour`() async throws {
    var service = service
    let time = ManualTime()
    service.time = time
    try simulator.add("pages:not-permitted")
    try await service.deliver("monday", on: simulator)
    simulator.clearFaults()
    time.advance(by: .seconds(3599))
    try await service.once()
    #expect(simulator.pageRequests == 1)
    time.advance(by: .seconds(1))
    try await service.once()
    #expect(try service.reports().first?.outcome?.state == .imported, "\(service.log.text)")
  }

  @Test func `while the key is refused a pending outcome says that nobody reads it`() async throws {
    try simulator.add("pages:403")
    try await service.deliver("monday", on: simulator)
    let set = try #require(try service.reports().first)
    #expect(set.isOutcomeUnread && set.outcome?.reason?.contains("'haplo-importd status'") == true)
  }

  @Test func `a key that cannot be used stops the reading only`() async throws {
    var parts = service.parts()
    parts.load = { [service] in
      var loaded = try service.load()
      loaded.outcomeKey = nil
      loaded.outcomeKeyFailure = .sameAsAPIKey(path: "/etc/haplo-importd/outcome-key")
      return loaded
    }
    SampleSet(name: "monday").drop(in: place)
    _ = try await Service(parts, purpose: .once, signals: nil).run()
    await simulator.settleJobs()
    let set = try #require(try service.reports().first)
    #expect(set.state == .archived && set.isOutcomeUnread, "\(service.log.text)")
    let status = try service.status().outcomes
    #expect(
      status.state == "stopped" && status.reason?.contains("is the API key") == true && status.open == 1)
    #expect(service.log.of(.outcomesStopped).count == 1)
    // Corrected.
    try await service.once()
    #expect(try service.status().outcomes.state == "reading")
    #expect(try service.reports().first?.outcome?.state == .imported)
  }
}
