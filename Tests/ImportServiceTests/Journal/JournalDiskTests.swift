import ImportCore
@testable import ImportService
@testable import ImportStorage
import ImportSystem
import Testing

/// What the journal does when the disk fails at the worst moment, and what it takes for granted at start.
@Suite struct JournalDiskTests {
  let place = Place()
  let set = SetID("20261124T070512Z-hr-7f3k2m9q")!

  /// A new file that was put in place, but not durably, is the one that a restart reads: going on with the old one
  /// would lose every later record.
  @Test(arguments: ["sync", "open"])
  func `no record goes to a file that was replaced`(failing: String) async throws {
    let disk = Disk()
    let journal = try open(disk)
    try await journal.record(.claimBegun(claim: claim), for: set)
    let renames = Counter()
    // The directory's sync comes after the rename, and so does the opening of what is in place.
    disk.add(
      Disk.Failure(errno: failing == "sync" ? 5 : 24) { operation in
        if operation.kind == .rename { _ = renames.next() }
        guard renames.current > 0 else { return false }
        return failing == "sync" ? operation.kind == .sync : operation.kind == .create
      })
    await fill(journal)
    #expect(!disk.failed.isEmpty)
    let told = journal.delivery(set)?.attempts ?? 0
    let written = try open(Disk()).delivery(set)?.attempts ?? 0
    let isPoisoned = (try? await journal.record(.claimed, for: set)) == nil
    #expect(written == told || isPoisoned, "it went on recording, and \(told - written) records are lost")
  }

  /// Whoever put it in place may have died, or failed, before its name was durable.
  @Test func `a start syncs the name of the journal that it finds`() async throws {
    try await open(Disk()).close()
    let isSynced = Counter()
    let disk = Disk(counting: { [state = place.state] operation in
      if operation.kind == .sync && operation.object == state { _ = isSynced.next() }
      return false
    })
    _ = try open(disk)
    #expect(isSynced.current == 1)
  }

  @Test func `without room for a new file the old one goes on`() async throws {
    let disk = Disk()
    let journal = try open(disk)
    try await journal.record(.claimBegun(claim: claim), for: set)
    disk.add(Disk.Failure(errno: 28) { $0.kind == .write && $0.object.hasSuffix(".new") })
    await fill(journal)
    #expect(!disk.failed.isEmpty)
    try await journal.record(.claimed, for: set)
    try await journal.makeDurable()
    #expect(try open(Disk()).delivery(set)?.stage == .claimed)
  }

  /// With a torn end and no room, the old file is cut; but only if it is still in place.
  @Test func `a torn journal on a full disk keeps every whole record`() async throws {
    for failing in 1...12 {
      let place = Place()
      let journal = try open(Disk(), in: place)
      try await journal.record(.claimBegun(claim: claim), for: set)
      try await journal.record(.claimed, for: set)
      try await journal.makeDurable()
      place.write(place.text(place.journal) + "{\"torn", to: place.journal)
      let disk = Disk()
      let count = Counter()
      disk.add(Disk.Failure(errno: 28) { $0.kind.changes && count.next() == failing })
      _ = try? open(disk, in: place)
      #expect(try open(Disk(), in: place).delivery(set)?.stage == .claimed, "\(disk.failed)")
    }
  }

  /// A killed process may have written what it did not live to sync: read from memory, it looks safe and is not.
  @Test func `what a killed process has written is synced before it is relied on`() async throws {
    try await open(Disk()).makeDurable()
    let disk = Disk(counting: { $0.kind == .dataSync && $0.purpose == "journal" })
    _ = try open(disk)
    #expect(disk.changes == 1)
    let broken = Disk()
    broken.add(Disk.Failure(errno: 5) { $0.kind == .dataSync })
    #expect(throws: JournalFailure.self) { try open(broken) }
  }

  private func open(_ disk: Disk, in place: Place? = nil) throws -> Journal {
    let state = try disk.fileSystem.openDirectory((place ?? self.place).state)
    return try Journal(in: state, time: FastTime(), log: Lines(), smallestRenewal: 4096)
  }

  private func fill(_ journal: Journal) async {
    for _ in 0..<40 {
      let failed = DeliveryEvent.attemptFailed(
        reason: Reason(String(repeating: "x", count: 500)), next: FastTime().now, alone: false)
      _ = try? await journal.record([(set, failed)])
      try? await journal.makeDurable()
    }
  }

  private var claim: Claim {
    Claim(
      form: .folder, name: "one", directory: place.drop(), control: "control.json",
      completed: FastTime().now, items: [])
  }
}
