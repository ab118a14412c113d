import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// A journal that somebody deletes or replaces while it is written.
@Suite struct ReplacedJournalTests {
  let place = Place()
  let log = Lines()

  private func open() throws -> Journal {
    try Journal(in: FileSystem().openDirectory(place.state), time: FastTime(), log: log)
  }

  private func claim() -> Claim {
    Claim(
      form: .folder, name: "one", directory: place.drop(), control: "control.json",
      completed: FastTime().now, items: [])
  }

  @Test(arguments: [false, true])
  func `nothing counts as durable that was written to a file which is gone`(isReplaced: Bool) async throws {
    let journal = try open()
    if isReplaced {
      try FileManager.default.copyItem(atPath: place.journal, toPath: place.journal + ".copy")
      #expect(rename(place.journal + ".copy", place.journal) == 0)
    } else {
      try FileManager.default.removeItem(atPath: place.journal)
    }
    let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
    await #expect(throws: JournalFailure.self) {
      try await journal.record(.claimBegun(claim: claim()), for: set)
    }
    #expect(log.of(.journalDamaged).first?.text.contains("deleted or replaced") == true)
  }

  @Test func `the daemon notices it with the next rescan, ends, and the next start holds its sets`()
    async throws
  {
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.sources = ["hr": "Mode=approve", "finance": ""]
    SampleSet(name: "one").drop(in: place)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.setScheduled))
    try FileManager.default.removeItem(atPath: place.journal)
    await #expect(throws: JournalFailure.self) { try await daemon.value }
    try await service.once()
    #expect(try place.reading().state.deliveries.values.map(\.filedPlace) == [.held])
    #expect(simulator.record.jobs.count == 1)
  }
}
