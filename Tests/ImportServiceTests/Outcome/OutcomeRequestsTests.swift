import HaploSimulator
import ImportCore
@testable import ImportStorage
import Testing

@testable import ImportService

/// The number of requests with the outcome key (docs/outcomes.md, "Pages that are read, and how often"), under clocks that the test moves.
@Suite(.timeLimit(.minutes(5))) struct OutcomeRequestsTests {
  private let place = Place()
  private let clock = ServerClock()
  private let time = ManualTime()

  /// A daemon's reader, and the server that it asks. The requests of the deliveries are not counted.
  private struct Reading {
    let simulator: Simulator
    let journal: Journal
    let task: Task<Void, any Error>
    let before: (list: Int, page: Int)

    var counts: (list: Int, page: Int) {
      let record = simulator.record
      return (record.requests(ofPage: .list) - before.list, record.requests(ofPage: .batch) - before.page)
    }
    var sum: Int { counts.list + counts.page }

    func end() async throws {
      task.cancel()
      _ = try? await task.value
      try await journal.close()
    }
  }

  /// Begins to read the outcomes of so many sets of which each job takes `jobTime`; `first` is a fault for the first set, `pages` one
  /// for the pages.
  private func begin(_ count: Int, jobTime: Duration, first: String? = nil, pages: String? = nil)
    async throws -> Reading
  {
    let (simulator, service) = try TestService.readingOutcomes(place, clock, time, jobTime: jobTime)
    for number in 1...count {
      if number == 1, let first { try simulator.add(first) }
      try await service.deliverUnread("set\(number)", on: simulator)
    }
    #expect(simulator.record.jobs.count == count)
    let (live, journal) = try await service.live()
    // The job of another server is never asked about; with it the reader always waits for a time.
    var other = service.openJob
    other.server = "https://other.example"
    try await journal.record(.outcomeOpened(other))
    if let pages { try simulator.add(pages) }
    let record = simulator.record
    return Reading(
      simulator: simulator, journal: journal, task: Task { try await live.outcomes.run() },
      before: (record.requests(ofPage: .list), record.requests(ofPage: .batch)))
  }

  /// Lets time pass for server and service, second by second, until `isOver`. Nothing passes while the reader works.
  private func pass(_ limit: Int, until isOver: () -> Bool) async -> Int {
    for second in 0..<limit {
      await time.sleeper(within: .seconds(200_000))
      if isOver() { return second }
      clock.advance(.seconds(1))
      time.advance(by: .seconds(1))
    }
    return limit
  }

  private func passUntilSettled(_ reading: Reading) async -> Int {
    await pass(86_000) { reading.journal.outcomes.jobs.count == 1 }
  }

  @Test func `a set whose job has ended costs two requests`() async throws {
    let reading = try await begin(1, jobTime: .zero)
    #expect(await passUntilSettled(reading) < 10)
    #expect(reading.counts == (list: 1, page: 1))
    try await reading.end()
  }

  @Test func `a set whose job takes an hour costs 36`() async throws {
    let reading = try await begin(1, jobTime: .seconds(3600))
    let seconds = await passUntilSettled(reading)
    #expect(seconds >= 3600 && seconds < 3600 + 300)
    #expect(reading.counts == (list: 1 + 15, page: 20))
    #expect(reading.simulator.record.sessions.made == 1)
    try await reading.end()
  }

  @Test func `sets behind it cost one more each, and the list is read once for all`() async throws {
    let reading = try await begin(5, jobTime: .zero, first: "schedule:complete:for=1h:nth=1")
    _ = await passUntilSettled(reading)
    #expect(reading.counts == (list: 1 + 15, page: 20 + 4))
    try await reading.end()
  }

  @Test func `while jobs are pending there are 24 requests an hour, however many jobs there are`()
    async throws
  {
    let reading = try await begin(3, jobTime: .seconds(10 * 3600))
    _ = await pass(2 * 3600) { false }
    let before = reading.sum
    _ = await pass(3600) { false }
    #expect(reading.sum - before == 24)
    #expect(reading.journal.outcomes.jobs.count == 4)
    try await reading.end()
  }

  @Test func `without an open job there are none in a day`() async throws {
    let reading = try await begin(1, jobTime: .zero)
    _ = await passUntilSettled(reading)
    let before = reading.sum
    _ = await pass(23 * 3600) { false }
    #expect(reading.sum == before)
    try await reading.end()
  }

  @Test(arguments: ["pages:403", "pages:redirect", "pages:not-permitted"])
  func `a refused key costs one request in a day`(fault: String) async throws {
    let reading = try await begin(3, jobTime: .zero, pages: fault)
    _ = await pass(23 * 3600) { false }
    #expect(reading.sum == 1)
    try await reading.end()
  }

  @Test func `pages that nobody knows cost ten requests for all jobs`() async throws {
    let reading = try await begin(3, jobTime: .zero, pages: "pages:unknown-markup")
    _ = await passUntilSettled(reading)
    #expect(reading.counts == (list: 10, page: 0))
    try await reading.end()
  }

  @Test func `a server that fails is asked twelve times an hour`() async throws {
    let reading = try await begin(3, jobTime: .zero, pages: "pages:503")
    _ = await pass(2 * 3600) { false }
    let before = reading.sum
    _ = await pass(3600) { false }
    #expect(reading.sum - before == 12)
    try await reading.end()
  }
}
