import ImportCore
@testable import ImportService
import ImportSystem
import Synchronization
import Testing

/// Records that build on something which is not on the disk yet.
@Suite(.timeLimit(.minutes(5))) struct PrerequisiteTests {
  let place = Place()
  let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
  let other = SetID("20261124T070512Z-hr-8f3k2m9q")!

  @Test func `they count at once, and are written with all that follows when it is`() async throws {
    let journal = try await open()
    let prerequisite = Prerequisite()
    try await journal.record([(set, .claimed)], once: [prerequisite])
    try await journal.record([
      (other, .attemptFailed(reason: Reason("x"), next: FastTime().now, alone: false))
    ])
    #expect(journal.delivery(set)?.stage == .claimed)
    let closing = Task { try await journal.makeDurable() }
    await letOthersRun()
    #expect(recorded == ["claimBegun", "claimBegun"])
    journal.settle(prerequisite, nil)
    try await closing.value
    #expect(recorded == ["claimBegun", "claimBegun", "claimed", "attemptFailed"])
  }

  @Test func `each of several is waited for`() async throws {
    let journal = try await open()
    let prerequisites = [Prerequisite(), Prerequisite()]
    try await journal.record([(set, .claimed)], once: prerequisites)
    let closing = Task { try await journal.makeDurable() }
    journal.settle(prerequisites[0], nil)
    await letOthersRun()
    #expect(recorded.count == 2)
    journal.settle(prerequisites[1], nil)
    try await closing.value
    #expect(recorded.last == "claimed")
  }

  /// What was recorded before must not wait: somebody may act as soon as it is on the disk.
  @Test func `what was recorded before is written before`() async throws {
    let journal = try await open()
    let (first, second) = (Prerequisite(), Prerequisite())
    try await journal.record([(set, .claimed)], once: [first])
    try await journal.record([(other, .claimed)], once: [second])
    journal.settle(first, nil)
    // Nobody else wants anything; the writer has gone on by itself.
    while recorded.count < 3 { await Task.yield() }
    #expect(recorded == ["claimBegun", "claimBegun", "claimed"])
    journal.settle(second, nil)
    try await journal.makeDurable()
    #expect(recorded.count == 4)
  }

  @Test func `where it never will be, the journal has failed and says nothing of them`() async throws {
    let log = Lines()
    let journal = try await open(log)
    let prerequisite = Prerequisite()
    try await journal.record([(set, .claimed)], once: [prerequisite])
    let waiting = Task { try await journal.makeDurable() }
    journal.settle(prerequisite, SystemError(call: "sync", object: "drop", errno: 5))
    await #expect(throws: JournalFailure.self) { try await waiting.value }
    await #expect(throws: JournalFailure.self) { try await journal.failing() }
    await #expect(throws: JournalFailure.self) { try await journal.record(.claimed, for: other) }
    #expect(recorded == ["claimBegun", "claimBegun"])
    #expect(log.of(.inputOutputError).count == 1)
  }

  /// A journal that is made anew says all that counts, and must not say this yet.
  @Test func `the file is not made anew before`() async throws {
    let journal = try await open()
    let (first, second) = (Prerequisite(), Prerequisite())
    let reason = Reason(String(repeating: "x", count: 4000))
    let failed = DeliveryEvent.attemptFailed(reason: reason, next: FastTime().now, alone: false)
    try await journal.record([(other, failed), (other, failed), (other, failed)], once: [first])
    try await journal.record([(set, .claimed)], once: [second])
    journal.settle(first, nil)
    while await journal.length < 12_000 { await Task.yield() }  // then it would be made anew
    await letOthersRun()
    #expect(!place.text(place.journal).contains("\"claimed\""))
    journal.settle(second, nil)
    try await journal.makeDurable()
    while await journal.length > 12_000 { await Task.yield() }
    #expect(try reopen().delivery(set)?.stage == .claimed)
  }

  /// Somebody may wait for no more than that.
  @Test func `what was written before is made durable while others wait`() async throws {
    let synced = Atomic(0)
    let fileSystem = FileSystem { operation throws(SystemError) in
      if operation.kind == .dataSync { synced.add(1, ordering: .relaxed) }
    }
    let state = try fileSystem.openDirectory(place.state)
    let journal = try Journal(in: state, time: FastTime(), log: Lines())
    for set in [set, other] { try await journal.record(.claimBegun(claim: claim), for: set) }
    try await fail(set, in: journal, padding: 10)
    while recorded.last != "attemptFailed" { await Task.yield() }
    let prerequisite = Prerequisite()
    try await journal.record([(other, .claimed)], once: [prerequisite])
    let before = synced.load(ordering: .relaxed)
    let rest = Task { try await journal.makeDurable() }
    while synced.load(ordering: .relaxed) == before { await Task.yield() }
    #expect(recorded.last == "attemptFailed")
    journal.settle(prerequisite, nil)
    try await rest.value
    #expect(recorded.last == "claimed")
  }

  private func fail(_ set: SetID, in journal: Journal, padding: Int) async throws {
    let reason = Reason(String(repeating: "x", count: padding))
    try await journal.record([(set, .attemptFailed(reason: reason, next: FastTime().now, alone: false))])
  }

  /// A journal that knows two sets that are being claimed.
  private func open(_ log: Lines = Lines()) async throws -> Journal {
    let state = try FileSystem().openDirectory(place.state)
    let journal = try Journal(in: state, time: FastTime(), log: log, smallestRenewal: 8192)
    for set in [set, other] { try await journal.record(.claimBegun(claim: claim), for: set) }
    return journal
  }

  private func reopen() throws -> Journal {
    try Journal(in: FileSystem().openDirectory(place.state), time: FastTime(), log: Lines())
  }

  /// Gives whoever writes more turns than it needs; a writer that did not wait would have written by then.
  private func letOthersRun() async { for _ in 0..<2000 { await Task.yield() } }

  /// The events in the file.
  private var recorded: [String] {
    place.text(place.journal).split(separator: "\n").compactMap { line in
      ["claimBegun", "claimed", "attemptFailed"].first { line.contains("\"\($0)\"") }
    }
  }

  private var claim: Claim {
    Claim(
      form: .folder, name: "one", directory: place.drop(), control: "control.json",
      completed: FastTime().now, items: [])
  }
}
