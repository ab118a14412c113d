import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Synchronization
import Testing

@testable import ImportService

/// The reader of outcomes when something goes wrong around it: a person decides in the middle, the server is restored, the
/// disk refuses.
@Suite(.timeLimit(.minutes(3))) struct OutcomeTroubleTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place)
  }

  /// Leaves of the journal what precedes its first record of an open job, with or without that.
  private func cutJournal(keepingJob: Bool) throws {
    let lines = place.text(place.journal).split(separator: "\n")
    let job = try #require(lines.firstIndex { $0.contains("\"job\":") })
    place.write(
      lines.prefix(keepingJob ? job + 1 : job).map { "\($0)\n" }.joined(), to: place.journal)
  }

  // MARK: Decisions and the disk

  @Test func `a set that is rejected while its dry run's end is told ends nothing`() async throws {
    var service = service
    service.sources = ["hr": "Mode=approve"]
    try simulator.add("schedule:exception:nth=1")
    var parts = service.parts()
    parts.log = InterruptedLog(service.log, at: .outcomeFailed) { [place] line in
      guard let set = line["set"] else { return }
      _ = try? ControlClient(runtimeDirectory: place.root + "/run").ask(
        .decide(.reject(reason: "no"), sets: [set]), patience: 10)
    }
    SampleSet(name: "monday").drop(in: place)
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.outcomeFailed))
    SampleSet(name: "tuesday").drop(in: place)
    #expect(await simulator.wait { $0.jobs.count == 2 }, "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    let monday = try #require(try service.reports().first)
    #expect(monday.state == .rejected, "\(service.log.text)")
    #expect(try place.reading().state.outcomes.job(of: monday.set) == nil)
  }

  @Test func `what the disk refuses is left to the next run`() async throws {
    try simulator.add("schedule:complete:for=300ms")
    try await service.deliver("monday", on: simulator)
    let set = try #require(try service.reports().first)
    #expect(set.outcome?.state == .pending)
    let path = set.path + "/outcome.json"
    place.makeFolder(path)
    try await service.once()
    #expect(try place.reading().state.outcomes.jobs.count == 1)
    #expect(service.log.of(.outcomeGood).isEmpty)
    place.removeFolder(path)
    try await service.once()
    #expect(try service.reports().first?.outcome?.state == .imported, "\(service.log.text)")
  }

  @Test func `the end of an earlier batch does not replace that of the archived one`() async throws {
    try await service.deliver("monday", on: simulator)
    try await service.once()
    let set = try #require(try service.reports().first)
    #expect(set.outcome?.state == .imported)
    var job = service.openJob
    job.set = set.set
    let lost = SettledOutcome(job, JobOutcome(.unknown, seen: service.time.now, reason: "lost"))
    try OutcomeFile(lost).store(in: Spool(path: place.spool, fileSystem: Disk().fileSystem), .archive)
    #expect(try service.reports().first?.outcome?.state == .imported)
  }

  @Test func `an overdue job whose set is still being archived is settled as soon as that is done`()
    async throws
  {
    try simulator.add("schedule:complete:for=10min")
    try await service.deliver("monday", on: simulator)
    try cutJournal(keepingJob: true)
    var service = service
    let time = ManualTime("2026-11-28T00:00:00Z")
    service.time = time
    service.server = ""
    let (live, journal) = try await service.live()
    let set = try #require(journal.deliveries.first)
    #expect(set.stage.isScheduled && journal.outcomes.jobs.count == 1)
    let reading = Task { try await live.outcomes.run() }
    await time.sleeper(within: .seconds(2))
    try await journal.record(.archived, for: set.set)
    time.advance(by: .seconds(2))
    while !journal.outcomes.jobs.isEmpty {
      let seen = journal.outcomeChanges.version
      if journal.outcomes.jobs.isEmpty { break }
      await journal.outcomeChanges.wait(after: seen)
    }
    #expect(service.log.of(.outcomeUnknown).count == 1)
    reading.cancel()
    _ = try? await reading.value
    try await journal.close()
  }

  @Test func `a job that a power cut lost is opened at the start`() async throws {
    try simulator.add("schedule:complete:for=300ms")
    try await service.deliver("monday", on: simulator)
    try cutJournal(keepingJob: false)
    #expect(try place.reading().state.outcomes.jobs.isEmpty)
    try await service.once()
    #expect(try service.reports().first?.state == .archived, "\(service.log.text)")
    #expect(try service.reports().first?.outcome?.state == .imported, "\(service.log.text)")
  }

  @Test func `a set that awaits approval is followed once there is a key`() async throws {
    var without = service
    without.server = ""
    without.sources = ["hr": "Mode=approve"]
    try await without.deliver("monday", on: simulator)
    #expect(try without.reports().first?.outcome == nil)
    without.server = service.server
    try await without.once()
    #expect(try without.reports().first?.outcome?.state == .checked)
  }

  // MARK: The server

  @Test func `after the server was restored from a backup a running job is not stuck`() async throws {
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    for name in ["monday", "tuesday", "wednesday"] {
      SampleSet(name: name).drop(in: place)
      #expect(await service.log.tell(.outcomeGood))
    }
    simulator.forgetBatches()
    try simulator.add("schedule:complete:for=300ms")
    SampleSet(name: "thursday").drop(in: place)
    while service.log.of(.outcomeGood).count < 4, service.log.of(.outcomeStuck).isEmpty {
      guard await service.log.tellAny else { break }
    }
    #expect(service.log.of(.outcomeStuck).isEmpty)
    daemon.cancel()
    _ = try await daemon.value
  }

  @Test func `a batch that the list has and whose page is not there is unknown after ten rounds`()
    async throws
  {
    try simulator.add("batch-page:400")
    let start = service.time.now
    try await service.deliver("monday", on: simulator)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.outcomeUnknown))
    #expect(simulator.pageRequests <= 34, "\(simulator.pageRequests)")
    // Pauses from 2 s to 300 s.
    #expect(service.time.now.since(start) > .seconds(800))
    daemon.cancel()
    _ = try await daemon.value
    #expect(try service.reports().first?.outcome?.reason?.contains("has no batch number") == true)
  }

  @Test func `lists that nobody understands count once for each run, however many jobs are open`()
    async throws
  {
    try simulator.add("list-page:unknown-markup")
    for number in 10..<22 { SampleSet(name: "set\(number)").drop(in: place) }
    try await service.once()
    #expect(service.log.of(.outcomeUnknown).isEmpty)
    #expect(try place.reading().state.outcomes.jobs.count == 12)
    #expect(simulator.record.requests(ofPage: .list) == 1)
  }

  @Test func `a page that never answers delays no delivery and no end of the daemon`() async throws {
    try simulator.add("pages:latency:for=1h")
    SampleSet(name: "monday").drop(in: place)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await simulator.wait { $0.requests(ofPage: .list) == 1 })
    SampleSet(name: "tuesday").drop(in: place)
    #expect(await service.log.tell(.setArchived, times: 2), "\(service.log.text)")
    #expect(simulator.record.jobs.count == 2 && simulator.pageRequests == 1)
    daemon.cancel()
    _ = try await daemon.value
    #expect(try service.reports().map(\.outcome?.state) == [.pending, .pending])
  }

  @Test func `without an open job nothing is asked, for however long`() async throws {
    var service = service
    let time = ManualTime()
    service.time = time
    let (live, journal) = try await service.live()
    let reading = Task { try await live.outcomes.run() }
    for _ in 1...24 {
      time.advance(by: .seconds(3600))
      await Task.yield()
    }
    #expect(simulator.pageRequests == 0)
    try await journal.record(.outcomeOpened(service.openJob))
    #expect(await simulator.wait { $0.requests(ofPage: .list) > 0 })
    #expect(simulator.pageRequests == 1)
    reading.cancel()
    _ = try? await reading.value
    try await journal.close()
  }
}

/// Does something in the middle of the first line of one kind.
private final class InterruptedLog: Log {
  private let log: Lines
  private let kind: LogKind
  private let action: @Sendable (LogEvent) -> Void
  private let isDone = Atomic(false)

  init(_ log: Lines, at kind: LogKind, _ action: @escaping @Sendable (LogEvent) -> Void) {
    (self.log, self.kind, self.action) = (log, kind, action)
  }

  func write(_ event: LogEvent) {
    if event.kind == kind, !isDone.exchange(true, ordering: .relaxed) { action(event) }
    log.write(event)
  }
}

extension Lines {
  /// Waits for the end of another job, good or stuck.
  fileprivate var tellAny: Bool {
    get async { await tell(where: [.outcomeGood, .outcomeStuck]) }
  }
}

extension DeliveryStage {
  fileprivate var isScheduled: Bool { if case .scheduled = self { true } else { false } }
}
