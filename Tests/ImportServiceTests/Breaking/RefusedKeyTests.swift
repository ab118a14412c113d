import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
import Testing

/// A key that is refused concerns every set and is the fault of none.
@Suite struct RefusedKeyTests {
  let time = ManualTime()
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.time = time
    service.sources = ["hr": "", "finance": "MaxInFlight=8", "students": "Order=name"]
  }

  private func dropMany(_ count: Int) -> [SampleSet] {
    let sets = (0..<count).map { number in
      SampleSet(name: "set\(100 + number)", source: ["hr", "finance", "students"][number % 3])
    }
    for set in sets { set.drop(in: place) }
    return sets
  }

  @Test func `a hundred waiting sets cost a revoked key a handful of requests`() async throws {
    let sets = dropMany(100)
    simulator.revokeKey()
    for _ in 0..<5 {
      let summary = try await service.once()
      #expect(summary.stop == .keyRefused && summary.rejected == 0 && summary.deferred == 100)
    }
    #expect(simulator.record.requestCount <= 2, "restarts must remember the refusal")
    #expect(service.log.of(.serverRefused).count == 1)
    #expect(service.log.of(.serverRefused).first?["remedy"]?.contains("/api-key, then run") == true)

    var renewed = service
    renewed.key = "another-key-0123456789-abcdefghijklmnopqrstu"
    simulator.acceptKey(renewed.key)
    try await renewed.once()
    Promise(place: place, record: simulator.record, scheduled: sets, context: "with a new key").check()
    #expect(service.log.of(.setDeferred).isEmpty && service.log.of(.setRejected).isEmpty)
  }

  @Test func `a key revoked in the middle of the work stops it in a few requests`() async throws {
    let sets = dropMany(30)
    try simulator.add("any:revoke:nth=40")
    #expect(try await service.once().stop == .keyRefused)
    let refused = simulator.record.requests.count { $0.status == 403 }
    #expect(refused <= 5, "no more than were on their way")
    simulator.clearFaults()
    simulator.acceptKey(TestService.key)
    time.advance(by: .seconds(331))
    try await service.once()
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  @Test func `a set that failed of something else is said to wait for the key while that is refused`()
    async throws
  {
    _ = dropMany(1)
    try simulator.add("batch:fail:status=503")
    try await service.once()
    simulator.clearFaults()
    simulator.revokeKey()
    time.advance(by: .seconds(600))
    #expect(try await service.once().stop == .keyRefused)
    let report = StatusReport(
      try service.load().configuration, try place.reading().state,
      daemon: .init(state: "stopped", version: "", process: nil, since: nil, isDiskFull: false), now: time.now
    )
    let reason = try #require(report.sources.compactMap(\.oldestReason).first)
    #expect(reason == report.server.reason, "\(reason)")
  }

  /// Rows: what a probe meets that neither opens the server nor refuses again.
  @Test(arguments: ["batch:fail:status=413", "batch:fail:status=503", "batch:cut"])
  func `a due probe is made by once, and one that tells nothing is not repeated at once`(fault: String)
    async throws
  {
    let sets = dropMany(6)
    simulator.revokeKey()
    #expect(try await service.once().stop == .keyRefused)
    let before = simulator.record.requestCount
    simulator.acceptKey(TestService.key)
    try simulator.add(fault)
    time.advance(by: .seconds(331))
    for _ in 0..<3 { #expect(try await service.once().stop == .keyRefused) }
    #expect(simulator.record.requestCount == before + 1)
    simulator.clearFaults()
    time.advance(by: .seconds(331))
    try await service.once()
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  /// docs/server.md: the lockout lifts 300 s after the last failure.
  @Test func `while the address is locked out there is no request at all`() async throws {
    let sets = dropMany(9)
    try simulator.add("any:throttle:nth=10")
    // On a form request the server does not tell a lockout from a refused key.
    #expect(try await service.once().stop != nil)
    let before = simulator.record.requestCount
    for _ in 0..<3 {
      time.advance(by: .seconds(100))
      // On a form request the server does not tell a lockout from a refused key.
      #expect(try await service.once().stop != nil)
    }
    #expect(simulator.record.requestCount == before, "300 s have passed, and that is not enough")
    simulator.clearFaults()
    simulator.liftThrottle()
    time.advance(by: .seconds(31))
    try await service.once()
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  /// Rows: what the server answers, what is made of it, and a word of the message.
  @Test(arguments: [
    ("any:not-permitted", ServerStop.notPermitted, "permission"), ("any:404", .wrongAddress, "URL="),
    ("any:redirect", .wrongAddress, "URL="), ("any:html", .wrongAddress, "URL="),
    ("any:block", .keyRefused, "/api-key, then run"),
  ])
  func `a server that is not the right one is asked seldom, and told of once`(
    fault: String, stop: ServerStop, remedy: String
  ) async throws {
    let sets = dropMany(12)
    try simulator.add(fault)
    for _ in 0..<3 { #expect(try await service.once().stop == stop) }
    #expect(simulator.record.requestCount <= 2)
    let told = service.log.of(.serverRefused)
    #expect(told.count == 1 && told[0]["remedy"]?.contains(remedy) == true, "\(service.log.text)")
    simulator.clearFaults()
    if fault == "any:block" { simulator.acceptKey(TestService.key) }
    time.advance(by: .seconds(601))
    try await service.once()
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }
}
