import Glibc
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// Who waits for room for the journal, and what ends the waiting.
@Suite struct JournalRoomTests {
  let place = Place()
  let disk = Disk()
  let time = ManualTime()
  let log = Lines()
  let set = SetID("20261124T070512Z-hr-7f3k2m9q")!

  /// A reload, or a person's decision, calls back whoever waits for the write, and not the write.
  @Test func `a task that is called back while it waits for room does not poison the journal`() async throws {
    let journal = try open()
    fill()
    let writer = Task { [claim, set] in try await journal.record(.claimBegun(claim: claim), for: set) }
    #expect(await log.tell(.diskFull))
    await time.sleeper(within: .seconds(5))
    let other = Task { try await journal.record(SourceControl(pausedBy: "somebody"), for: set.source) }
    writer.cancel()
    disk.mend()
    time.advance(by: .seconds(5))
    _ = try await writer.value
    _ = try await other.value
    try await journal.record(.claimed, for: set)
    try await journal.makeDurable()
    #expect(log.of(.inputOutputError).isEmpty, "\(log.text)")
    let reading = try place.reading()
    #expect(reading.state.deliveries[set]?.stage == .claimed)
    #expect(reading.state.controls[set.source]?.pausedBy == "somebody")
  }

  @Test func `it waits as long as there is no room`() async throws {
    let journal = try open()
    fill()
    let writer = Task { [claim, set] in try await journal.record(.claimBegun(claim: claim), for: set) }
    writer.cancel()
    for _ in 1...4 {
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(5))
    }
    await time.sleeper(within: .seconds(5))
    #expect(disk.failed.count == 5, "one attempt every five seconds, cancelled or not")
    disk.mend()
    time.advance(by: .seconds(5))
    _ = try await writer.value
    #expect(log.of(.diskFull).count == 1 && log.of(.diskHasRoom).count == 1)
  }

  @Test func `at the end of the program nobody waits any longer`() async throws {
    let journal = try open()
    let ending = Task { await journal.stopWaitingForRoomAtEnd() }
    fill()
    let writer = Task { [claim, set] in try await journal.record(.claimBegun(claim: claim), for: set) }
    await time.sleeper(within: .seconds(5))
    ending.cancel()
    await #expect(throws: JournalFailure.self) { try await writer.value }
    await #expect(throws: JournalFailure.self) { try await journal.makeDurable() }
  }

  @Test func `a service that waits for room ends when it is told to`() async throws {
    let trial = try Trial(.twoFolders)
    let disk = Disk()
    disk.add(
      Disk.Failure(
        errno: ENOSPC, matches: { $0.kind == .write && $0.object.hasSuffix("/journal.jsonl") }, times: .max))
    var service = trial.service
    service.time = SystemTime()
    let daemon = Task { [service] in try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.diskFull))
    daemon.cancel()
    await #expect(throws: JournalFailure.self) { _ = try await daemon.value }
    try await trial.service.onceUntilSettled()
    trial.promise("after a full disk").check()
  }

  @Test func `a record that need not be durable does not wait for the disk, and keeps its place`()
    async throws
  {
    let journal = try open()
    try await journal.record(.claimBegun(claim: claim), for: set)
    fill()
    let taken = try await journal.record(.claimed, for: set)
    #expect(taken.stage == .claimed && journal.delivery(set)?.stage == .claimed)
    #expect(await log.tell(.diskFull))
    let durable = Task { try await journal.record(.held(reason: Reason("held")), for: set) }
    await time.sleeper(within: .seconds(5))
    #expect(try place.reading().state.deliveries[set]?.stage == .claiming)
    disk.mend()
    time.advance(by: .seconds(5))
    _ = try await durable.value
    let reading = try place.reading()
    #expect(reading.state.sequence == 3)
    #expect(reading.state.deliveries[set]?.stage == .held(reason: Reason("held"), filed: false))
  }

  /// Else a program that only says what need not be durable would go on for ever without a journal.
  @Test func `a write that nobody waits for and that fails is told to whoever listens`() async throws {
    let journal = try open()
    let listener = Task { try await journal.failing() }
    disk.add(Disk.Failure(errno: EIO) { $0.kind == .write && $0.object.hasSuffix("/journal.jsonl") })
    try await journal.record(ServerBreaker.refusing)
    await #expect(throws: JournalFailure.self) { try await listener.value }
    await #expect(throws: JournalFailure.self) {
      try await journal.record(.claimBegun(claim: claim), for: set)
    }
    await #expect(throws: JournalFailure.self) { try await journal.makeDurable() }
  }

  private func open() throws -> Journal {
    let state = try disk.fileSystem.openDirectory(place.state)
    return try Journal(in: state, time: time, log: log)
  }

  private func fill() {
    disk.add(
      Disk.Failure(
        errno: ENOSPC, matches: { $0.kind == .write && $0.object.hasSuffix("/journal.jsonl") }, times: .max))
  }

  private var claim: Claim {
    Claim(
      form: .folder, name: "one", directory: place.drop(), control: "control.json", completed: time.now,
      items: [])
  }
}

extension ServerBreaker {
  /// One that differs from that of a new journal.
  fileprivate static var refusing: ServerBreaker {
    var breaker = ServerBreaker()
    _ = breaker.refused(.keyRefused, Reason("refused"), key: "key", at: Timestamp(microseconds: 0))
    return breaker
  }
}
