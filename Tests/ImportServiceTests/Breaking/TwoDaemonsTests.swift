import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
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

  /// Two services, of which each has a spool and state of its own and both the same drop directory.
  private struct Rivals {
    let simulator: Simulator
    let shared = Place()
    let drop: String
    var first: TestService
    var second: TestService

    init() throws {
      simulator = try Simulator(apiKey: TestService.key)
      drop = shared.root + "/shared"
      shared.makeFolder(drop)
      (first, second) = (TestService(Place(), simulator), TestService(Place(), simulator))
      (first.sources, second.sources) = (["hr": "Directory=\(drop)"], ["hr": "Directory=\(drop)"])
    }
  }

  @Test func `a drop directory that is removed and made again is still the first one's`() async throws {
    let rivals = try Rivals()
    let (first, second) = (rivals.first, rivals.second)
    let daemon = Task { try await first.run(.daemon, Disk()) }
    #expect(await first.log.tell(.started))
    rmdir(rivals.drop)
    #expect(await first.log.tell(.directoryLost))
    rivals.shared.makeFolder(rivals.drop)
    #expect(await first.log.tell(.directoryWatched))
    #expect(await second.complaint().contains("'\(rivals.drop)' is in use by process \(getpid())"))
    daemon.cancel()
    _ = try await daemon.value
    try await second.once()
  }

  @Test func `a drop directory that comes back as another's is left alone until that one ends`() async throws
  {
    let rivals = try Rivals()
    let first = rivals.first
    let daemon = Task { try await first.run(.daemon, Disk()) }
    #expect(await first.log.tell(.started))
    // Another one has the new directory before it comes to stand where the old one was.
    let new = rivals.shared.root + "/new"
    rivals.shared.makeFolder(new)
    let status = try FileSystem().openDirectory(new).ownStatus()
    guard case .taken(let other) = try DirectoryReservation.take(status) else { throw Unexpected() }
    try #require(rename(new, rivals.drop) == 0)
    #expect(await first.log.tell(.directoryLost))
    let told = try #require(first.log.of(.directoryLost).first, "\(first.log.text)")
    #expect(told.text.contains("'\(rivals.drop)' is in use by process \(getpid())"))
    _ = consume other
    SampleSet(name: "one").drop(in: rivals.shared)
    try #require(rename(rivals.shared.drop() + "/one", rivals.drop + "/one") == 0)
    #expect(await first.log.tell(.setArchived), "\(first.log.text)")
    daemon.cancel()
    _ = try await daemon.value
  }

  /// Whoever can open a directory can lock it.
  @Test func `a lock that an exporter takes on its drop directory keeps nobody from work`() async throws {
    let trial = try Trial(.twoFolders)
    let descriptor = open(trial.place.drop(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try await trial.service.onceUntilSettled()
    trial.promise("with a lock on the drop directory").check()
  }

  private struct Unexpected: Error {}
}
