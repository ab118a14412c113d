import FoundationEssentials
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// `ExpectEverySec=` and `ApprovalWarnSec=` in a whole service.
@Suite struct AlarmTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  /// Runs the daemon while `body` waits for what it wants to see.
  private func daemon(_ service: TestService, _ body: () async throws -> Void) async throws {
    let daemon = Task { try await service.run(.daemon, Disk()) }
    try await body()
    daemon.cancel()
    _ = try await daemon.value
  }

  private func status(_ service: TestService) throws -> StatusReport {
    StatusReport(
      try service.load().configuration, try place.reading().state,
      daemon: .init(state: "running", version: "", process: nil, since: nil, isDiskFull: false),
      now: service.time.now)
  }

  @Test func `a source that is silent is told once, and that a set came again`() async throws {
    var service = service
    service.sources = ["hr": "ExpectEverySec=1min", "finance": ""]
    try await daemon(service) {
      #expect(await service.log.tell(.sourceSilent), "\(service.log.text)")
      let overdue = try #require(try status(service).sources.first { $0.source == "hr" }?.overdue)
      #expect(overdue.contains("one is expected every 1min") || overdue.contains("every 60s"), "\(overdue)")
      #expect(try status(service).advice.contains("hr: no set received since "))
    }
    let line = try #require(service.log.of(.sourceSilent).first)
    #expect(line.priority == .warning && line["source"] == "hr" && line["since"] != nil)
    #expect(line["missed"] != nil && line["remedy"]?.contains("exporting system") == true, "\(line.line)")
    // It stands, and is not told again by another life.
    try await daemon(service) {
      #expect(await service.log.tell(.started))
      SampleSet(name: "late").drop(in: place)
      #expect(await service.log.tell(.sourceHeard), "\(service.log.text)")
    }
    #expect(service.log.of(.sourceSilent).allSatisfy { $0["source"] == "hr" })
    let heard = try #require(service.log.of(.sourceHeard).first)
    #expect(heard.priority == .notice && heard["source"] == "hr" && heard["missed"] != nil)
    let kinds = service.log.all.map(\.kind).filter { [.sourceSilent, .sourceHeard].contains($0) }
    #expect(Array(kinds.prefix(2)) == [.sourceSilent, .sourceHeard])
    #expect(try status(service).sources.first { $0.source == "hr" }?.arrived != nil)
  }

  @Test func `runs of once tell it too, and only once`() async throws {
    var service = service
    service.sources = ["hr": "ExpectEverySec=1d"]
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    for _ in 1...3 {
      (service.time as? FastTime)?.skip(.seconds(60_000))
      try await service.once()
    }
    #expect(service.log.of(.sourceSilent).count == 1)
    SampleSet(name: "thursday").drop(in: place)
    try await service.once()
    #expect(service.log.of(.sourceHeard).count == 1)
  }

  @Test func `a set that came while nobody looked was not missed`() async throws {
    var service = service
    let time = ManualTime()
    service.time = time
    service.sources = ["hr": "ExpectEverySec=1d"]
    try await service.once()
    SampleSet(name: "monday").drop(in: place)
    time.advance(by: .seconds(300_000))
    try await daemon(service) { #expect(await service.log.tell(.setArchived)) }
    try await service.once()
    #expect(service.log.of(.sourceSilent).isEmpty, "\(service.log.text)")
  }

  @Test func `without the key nothing is told, and nothing overdue`() async throws {
    try await service.once()
    (service.time as? FastTime)?.skip(.seconds(86_400 * 365))
    try await service.once()
    #expect(service.log.of(.sourceSilent).isEmpty)
    #expect(try status(service).sources.allSatisfy { $0.overdue == nil })
  }

  @Test func `while a source is paused it is not overdue, and the status says that it is paused`()
    async throws
  {
    var service = service
    service.sources = ["hr": "ExpectEverySec=1d"]
    try await service.once()
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    _ = try await decisions.perform(.pause(sources: [SourceName("hr")!]), by: "ada")
    (service.time as? FastTime)?.skip(.seconds(200_000))
    try await service.once()
    #expect(service.log.of(.sourceSilent).isEmpty)
    let hr = try #require(try status(service).sources.first)
    #expect(hr.overdue == nil && hr.stopped != nil)
    let sent = String(decoding: ControlCoding.encode(try status(service)), as: UTF8.self)
    #expect(sent.contains("\"stopped\":\"paused by ada"))
  }

  @Test func `a set that waits for approval is brought to mind again and again, and never imported`()
    async throws
  {
    var service = service
    service.sources = ["hr": "Mode=approve\nApprovalWarnSec=1min"]
    SampleSet(name: "monday").drop(in: place)
    try await daemon(service) {
      #expect(await service.log.tell(.approvalOverdue, times: 3), "\(service.log.text)")
    }
    let line = try #require(service.log.of(.approvalOverdue).first)
    #expect(line.priority == .warning && line["state"] == "awaiting-approval" && line["batch"] != nil)
    #expect(line["waiting"] != nil && line["remedy"]?.contains("approve") == true, "\(line.line)")
    #expect(simulator.record.jobs.map(\.isDryRun) == [true])
  }

  @Test func `runs of once remind at that period at most, and not after the decision`() async throws {
    var service = service
    service.sources = ["hr": "Mode=approve"]
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    let set = try #require(service.log.of(.setScheduled).first?["set"])
    for _ in 1...4 {
      (service.time as? FastTime)?.skip(.seconds(50_000))
      try await service.once()
    }
    #expect(service.log.of(.approvalOverdue).count == 2)
    _ = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.approve, sets: [set]), by: "ada")
    try await service.once()
    (service.time as? FastTime)?.skip(.seconds(100_000))
    try await service.once()
    #expect(service.log.of(.approvalOverdue).count == 2)
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false])
  }
}
