import Glibc
import HaploSimulator
import ImportCore
@testable import ImportService
import ImportSystem
import Synchronization
import Testing

/// A small set that comes alone is handed over while the disk is still busy with its claim
/// (docs/decisions/0014-sending-while-the-claim-is-synced.md).
@Suite(.timeLimit(.minutes(5))) struct SendingAheadTests {
  let place = Place()
  let simulator: Simulator
  let service: TestService
  let set = SampleSet(name: "alone")

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private static func isClaimSync(_ operation: FileOperation) -> Bool {
    operation.kind == .sync && operation.purpose == "claim"
  }

  @Test func `its files are uploaded meanwhile, and nothing is scheduled before the disk has it`()
    async throws
  {
    set.drop(in: place)
    let seen = Seen()
    try await once { [place, simulator, set] operation in
      guard Self.isClaimSync(operation), seen.isFirst else { return }
      let deadline = ContinuousClock.now + .seconds(60)
      while simulator.record.batches.first?.uploads.count != set.keys.count, ContinuousClock.now < deadline {
        sched_yield()
      }
      // Long enough for a call to schedule that did not wait.
      for _ in 0..<20_000 { sched_yield() }
      seen.note(place.text(place.journal), simulator.record)
    }
    let (journal, record) = try #require(seen.moment)
    #expect(record.batches.first?.uploads.count == set.keys.count)
    #expect(record.jobs.isEmpty)
    #expect(journal.contains("\"claimBegun\""))
    #expect(!journal.contains("\"claimed\""), "the journal must not say what is not on the disk")
    #expect(!journal.contains("\"batchCreated\""))
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  /// Whatever others record would wait for its syncs. Then its files are synced as they are read, and not after the claim.
  @Test func `not while other sets are on their way`() async throws {
    var trial = service
    trial.sources = ["hr": "", "finance": ""]
    try simulator.add("file:503")
    let synced = Atomic(0)
    let isSeen = Atomic(false)
    var parts = trial.parts()
    parts.fileSystem = FileSystem { operation throws(SystemError) in
      guard operation.purpose == "claim", operation.object.contains("/hr") else { return }
      if operation.kind == .dataSync { synced.add(1, ordering: .relaxed) }
      guard operation.kind == .sync, !isSeen.exchange(true, ordering: .relaxed) else { return }
      let deadline = ContinuousClock.now + .seconds(60)
      while synced.load(ordering: .relaxed) < 3, ContinuousClock.now < deadline { sched_yield() }
      let count = synced.load(ordering: .relaxed)
      #expect(count == 3)
    }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.started))
    SampleSet(name: "first", source: "finance").drop(in: place)
    #expect(await service.log.tell(.setDeferred))
    set.drop(in: place)
    #expect(await service.log.tell(.setClaimed))
    daemon.cancel()
    _ = try await daemon.value
    let wasSeen = isSeen.load(ordering: .relaxed)
    #expect(wasSeen)
  }

  @Test(arguments: [FileOperation.Kind.sync, .dataSync])
  func `what cannot be made durable ends the service, and the next run delivers it once`(
    kind: FileOperation.Kind
  ) async throws {
    set.drop(in: place)
    let disk = Disk()
    disk.add(Disk.Failure(errno: EIO) { $0.kind == kind && $0.purpose == "claim" })
    await #expect(throws: JournalFailure.self) { try await service.once(disk) }
    #expect(simulator.record.jobs.isEmpty)
    #expect(service.log.of(.inputOutputError).count == 1, "\(service.log.text)")
    try await service.onceUntilSettled()
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test(arguments: [ENOSPC, EDQUOT])
  func `without room it waits, says so once, and goes on by itself`(errno: Int32) async throws {
    let disk = Disk()
    disk.add(Disk.Failure(errno: errno, matches: Self.isClaimSync, times: .max))
    let daemon = Task { try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.started))
    set.drop(in: place)
    #expect(await service.log.tell(.diskFull))
    #expect(simulator.record.jobs.isEmpty)
    disk.mend()
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(service.log.of(.diskFull).count == 1, "\(service.log.text)")
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  /// Who changes the configuration then ends the intake, and not the wait.
  @Test(arguments: ["changed", "removed"])
  func `without room a reload changes nothing about that`(source: String) async throws {
    var other = service
    other.sources = source == "changed" ? ["hr": "MaxInFlight=2"] : ["finance": ""]
    let isChanged = Atomic(false)
    let disk = Disk()
    let signals = SignalInbox.apart()
    let parts = ServiceParts(
      load: { [service, other] in try (isChanged.load(ordering: .relaxed) ? other : service).load() },
      transport: { try $0.makeTransport() }, fileSystem: disk.fileSystem, time: service.time,
      log: service.log)
    disk.add(Disk.Failure(errno: ENOSPC, matches: Self.isClaimSync, times: .max))
    let daemon = Task { try await Service(parts, purpose: .daemon, signals: signals).run() }
    #expect(await service.log.tell(.started))
    set.drop(in: place)
    #expect(await service.log.tell(.diskFull))
    isChanged.store(true, ordering: .relaxed)
    signals.put(SIGHUP)
    #expect(await service.log.tell(.reloaded))
    disk.mend()
    #expect(await service.log.tell(.diskHasRoom), "\(service.log.text)")
    if source == "changed" { #expect(await service.log.tell(.setArchived), "\(service.log.text)") }
    daemon.cancel()
    _ = try await daemon.value
    try await service.onceUntilSettled()
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test func `without room it can still be stopped`() async throws {
    let disk = Disk()
    disk.add(Disk.Failure(errno: ENOSPC, matches: Self.isClaimSync, times: .max))
    let daemon = Task { try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.started))
    set.drop(in: place)
    #expect(await service.log.tell(.diskFull))
    daemon.cancel()
    await #expect(throws: (any Error).self, "what it has recorded is lost, and that is said") {
      try await daemon.value
    }
    #expect(simulator.record.jobs.isEmpty)
    try await service.onceUntilSettled()
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  private func once(_ hook: @escaping @Sendable (FileOperation) -> Void) async throws {
    var parts = service.parts()
    parts.fileSystem = FileSystem { operation throws(SystemError) in hook(operation) }
    _ = try await Service(parts, purpose: .once, signals: nil).run()
  }

  /// What there was at the first of some moments.
  private final class Seen: Sendable {
    private let state = Mutex<(count: Int, moment: (journal: String, record: SimulatorRecord)?)>((0, nil))

    var isFirst: Bool {
      state.withLock { state in
        state.count += 1
        return state.count == 1
      }
    }

    var moment: (journal: String, record: SimulatorRecord)? { state.withLock { $0.moment } }

    func note(_ journal: String, _ record: SimulatorRecord) {
      state.withLock { $0.moment = (journal, record) }
    }
  }
}
