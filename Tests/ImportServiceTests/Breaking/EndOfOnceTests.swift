@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Testing

@testable import ImportService

/// When `once` takes it that nothing more can be done now.
@Suite struct EndOfOnceTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.time = ManualTime()
    service.sources = ["hr": "MaxInFlight=1", "finance": ""]
  }

  /// Twice `MaxInFlight=` sets have all places, and are done with; what waits behind them may begin when one has left.
  @Test func `it does not end while a set waits for the place of one that is done with`() async throws {
    let parts = service.parts()
    let core = try ServiceCore(try service.load().configuration, parts.fileSystem)
    let journal = try Journal(in: core.state, time: parts.time, log: parts.log)
    let live = try await LiveService(parts, try service.load(), core, journal)
    let sets = (1...3).map { SetID("20261124T07051\($0)Z-hr-7f3k2m9q")! }
    let claim = Claim(
      form: .folder, name: "x", directory: place.drop(), control: "control.json", completed: parts.time.now,
      items: [])
    try await journal.record(.claimBegun(claim: claim), for: sets[2])
    try await journal.record(.claimed, for: sets[2])
    let line = await live.register.line(of: sets[2].source)
    for set in sets.prefix(2) {
      try await line.enterSlot(set)
      line.leaveSlot(set)
    }
    await line.add([sets[2]])
    let seen = journal.changes.version
    #expect(await live.once.firstThatCanGoOn(nil) == nil, "both places are taken")
    #expect(await !live.once.isAtRest(since: seen))
    await line.left(sets[0])
    await line.left(sets[1])
    #expect(await !live.once.isAtRest(since: seen), "it is to look again")
    #expect(await live.once.firstThatCanGoOn(nil) == sets[2])
    #expect(await live.once.isAtRest(since: journal.changes.version))
  }

  /// Another set's refused key has the server left alone, while the call is under way.
  @Test func `a set whose schedule call is still under way when it ends is archived all the same`()
    async throws
  {
    let time = ManualTime()
    let answers = HeldAnswers()
    var parts = service.parts()
    parts.time = time
    parts.transport = { HoldingTransport(client: try $0.makeTransport(), answers: answers) }
    SampleSet(name: "one").drop(in: place)
    let once = Task { [parts] in try await Service(parts, purpose: .once, signals: nil).run() }
    await answers.came.wait(after: 0)
    simulator.revokeKey()
    SampleSet(name: "two", source: "finance").drop(in: place)
    await time.sleeper(within: .seconds(15))  // the call's grace has begun
    answers.letGo.signal()
    let summary = try await once.value
    #expect(summary.stop == .keyRefused && summary.deferred == 1, "\(service.log.text)")
    #expect(simulator.record.jobs.count == 1)
    #expect(place.files(below: "spool/archive").contains { $0.hasSuffix("/receipt.json") })
    #expect(service.log.of(.setArchived).count == 1, "\(service.log.text)")
  }
}

/// Answers of schedule calls that are held back.
private final class HeldAnswers: Sendable {
  /// The server has answered.
  let came = Latch()
  /// The answer may go to whoever asked.
  let letGo = Latch()
}

/// Holds answers of schedule calls back.
private struct HoldingTransport: Transport {
  let client: any Transport
  let answers: HeldAnswers

  func perform(_ request: ServerRequest) async -> Exchange {
    let exchange = await client.perform(request)
    guard case .schedule = request.kind else { return exchange }
    answers.came.signal()
    await answers.letGo.wait(after: 0)
    return exchange
  }
}
