import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportService
import Testing

/// Only one daemon at a time may work on a directory, and the second one says who has it.
@Suite struct TwoDaemonsTests {
  @Test func `a second one on the same state is told whose it is`() async throws {
    let trial = try Trial(.twoFolders)
    let first = Task { try await trial.service.run(.daemon, Disk()) }
    #expect(await trial.service.log.tell(.setArchived, times: 2))
    #expect(
      await trial.service.complaint().contains("'\(trial.place.state)' is in use by process \(getpid())"))
    first.cancel()
    _ = try await first.value
    trial.promise("").check()
  }

  @Test(arguments: [true, false])
  func `a second one on the same drop directory is told whose it is`(isThere: Bool) async throws {
    let simulator = try Simulator(apiKey: TestService.key)
    let (one, other, shared) = (Place(), Place(), Place())
    let drop = shared.root + "/shared"
    if isThere { shared.makeFolder(drop) }
    var (first, second) = (TestService(one, simulator), TestService(other, simulator))
    (first.sources, second.sources) = (["hr": "Directory=\(drop)"], ["hr": "Directory=\(drop)"])
    let daemon = Task { [first] in try await first.run(.daemon, Disk()) }
    #expect(await first.log.tell(.started))
    #expect(await second.complaint().contains("'\(drop)' is in use by process \(getpid())"))
    daemon.cancel()
    _ = try await daemon.value
    try await second.once()
  }

  @Test func `what a crash leaves behind is no obstacle`() async throws {
    let trial = try Trial(.twoFolders)
    _ = try? await trial.service.once(Disk(dyingAt: 40))
    #expect(FileManager.default.fileExists(atPath: trial.place.journal))
    try await trial.service.onceUntilSettled()
    trial.promise("").check()
  }
}
