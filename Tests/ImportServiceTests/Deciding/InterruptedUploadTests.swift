import HaploSimulator
import ImportCore
import ImportStorage
import Testing

@testable import ImportRuntime
@testable import ImportService

/// What a decision interrupts: files of one batch go one at a time, and what was cut may still be at the server.
@Suite struct InterruptedUploadTests {
  let place = Place()
  let simulator: Simulator
  let service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  @Test func `an upload that a refused decision has interrupted goes on with another batch`() async throws {
    try simulator.add("file:503")
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let set = try #require(place.reading().state.deliveries.values.first).set
    simulator.clearFaults()
    try simulator.add("file:stall:for=1h:at=headers:nth=1")
    (service.time as? FastTime)?.skip(.seconds(660))

    let parts = service.parts()
    let core = try ServiceCore(try service.load().configuration, parts.fileSystem)
    let journal = try Journal(in: core.state, with: core.spool, time: parts.time, log: parts.log)
    let live = try await LiveService(parts, try service.load(), core, journal)
    let line = await live.register.line(of: set.source)
    let delivering = Task { try await line.run() }
    let requests = simulator.record.requests(of: .file)
    await line.add([set])
    #expect(await simulator.wait(atMost: .seconds(60)) { $0.requests(of: .file) == requests + 1 })
    let interrupted = try #require(journal.delivery(set)?.batch)

    await #expect(throws: JournalFailure.self) {
      try await live.register.decide(.approved(by: "ada"), about: set)
    }
    simulator.clearFaults()
    #expect(await simulator.wait(atMost: .seconds(60)) { $0.jobs.count == 1 })
    #expect(simulator.record.jobs.first?.batch != interrupted.text, "\(service.log.text)")
    delivering.cancel()
    _ = try? await delivering.value
    try await journal.close()
  }
}
