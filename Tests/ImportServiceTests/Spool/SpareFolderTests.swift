import Glibc
import HaploSimulator
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// The folder that is made before a set needs it.
@Suite(.timeLimit(.minutes(5))) struct SpareFolderTests {
  let place = Place()
  let simulator: Simulator
  let service: TestService
  private var spare: String { place.spool + "/.spare/hr" }

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  /// It is found when one is to be made, which is while the first set is on its way, or soon after.
  @Test func `what a run has left is used by the next`() async throws {
    let sets = try await deliver("first", "second") { _ in }
    var status = stat()
    #expect(stat(spare, &status) == 0)
    let (left, folders) = (status.st_ino, Folders())
    let later = try await deliver("third", "fourth", "fifth", "sixth") { operation in
      guard operation.kind == .rename, operation.purpose == "archive" else { return }
      folders.note(operation.object)
    }
    #expect(folders.all.count == 4)
    #expect(folders.all.contains(left))
    Promise(place: place, record: simulator.record, scheduled: sets + later).check()
  }

  /// The inodes of folders.
  private final class Folders: Sendable {
    private let inodes = Mutex<[ino_t]>([])

    var all: [ino_t] { inodes.withLock { $0 } }

    func note(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
      inodes.withLock { $0.append(status.st_ino) }
    }
  }

  @Test func `it is used within a run`() async throws {
    let moved = Mutex<[String]>([])
    let sets = try await deliver("first", "second") { operation in
      guard operation.kind == .rename, operation.object.contains("/.spare/") else { return }
      moved.withLock { $0.append(operation.target ?? "") }
    }
    #expect(moved.withLock { $0.count } == 1)
    #expect(moved.withLock { $0.allSatisfy { $0.hasPrefix(place.spool + "/work/hr/") } })
    Promise(place: place, record: simulator.record, scheduled: sets).check()
  }

  @Test(arguments: ["removed", "filled", "a file", "another", "all removed", "work moved"])
  func `it is not missed when somebody tidies up`(what: String) async throws {
    let first = SampleSet(name: "first")
    let second = SampleSet(name: "second")
    let third = SampleSet(name: "third")
    try await deliverInDaemon([first, second, third]) { number in
      guard number == 1 else { return }
      waitForSpare()
      switch what {
      case "removed": rmdir(spare)
      case "all removed":
        rmdir(spare)
        rmdir(place.spool + "/.spare")
      case "another":
        rmdir(spare)
        mkdir(spare, 0o750)
      case "work moved": rename(place.spool + "/work/hr", place.spool + "/work/hr.old")
      case "a file":
        rmdir(spare)
        place.write("x", to: spare)
      default: place.write("x", to: spare + "/note.txt")
      }
    }
    #expect(simulator.record.jobs.count == 3, "\(service.log.text)")
    Promise(place: place, record: simulator.record, scheduled: [first, second, third]).checkScheduling()
  }

  private func deliver(_ names: String..., hook: @escaping @Sendable (FileOperation) -> Void) async throws
    -> [SampleSet]
  {
    let sets = names.map { SampleSet(name: $0) }
    try await deliverInDaemon(sets, hook: hook) { _ in waitForSpare() }
    return sets
  }

  /// It is made when a set is well on its way, and can come after that is archived.
  private func waitForSpare() {
    let deadline = ContinuousClock.now + .seconds(60)
    while access(spare, F_OK) != 0, ContinuousClock.now < deadline { sched_yield() }
  }

  /// Drops one set after another, each when the one before is in the archive.
  private func deliverInDaemon(
    _ sets: [SampleSet], hook: @escaping @Sendable (FileOperation) -> Void = { _ in },
    then: (Int) -> Void
  ) async throws {
    var parts = service.parts()
    parts.fileSystem = FileSystem { operation throws(SystemError) in hook(operation) }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.started))
    for (number, set) in sets.enumerated() {
      set.drop(in: place)
      #expect(await service.log.tell(.setArchived), "\(service.log.text)")
      then(number + 1)
    }
    daemon.cancel()
    _ = try await daemon.value
  }
}
