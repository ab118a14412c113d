import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportStorage
import ImportSystem
import Testing

/// Single calls fail, or one kind of call fails until the disk is mended, or the disk is really full.
@Suite struct FailingDiskTests {
  @Test(arguments: [
    (ENOSPC, CrashTests.Drop.twoFolders), (ENOSPC, .flat), (ENOSPC, .fixedControl), (EIO, .twoFolders),
    (EIO, .flat),
  ])
  func `any change may fail once`(errno: Int32, drop: CrashTests.Drop) async throws {
    for number in 1...500 {
      let trial = try Trial(drop)
      let disk = Disk()
      let count = Counter()
      disk.add(Disk.Failure(errno: errno) { $0.kind.changes && count.next() == number })
      do { try await trial.service.once(disk) } catch {
        #expect(isExpected(error), "\(error) at \(disk.failed)")
      }
      guard !disk.failed.isEmpty else { return #expect(number > 30) }
      try await trial.service.onceUntilSettled()
      trial.promise("\(disk.failed) failed with \(errno)").check()
    }
    Issue.record("no run ended by itself")
  }

  /// What a service may end with when one call has failed: it must not crash, contradict itself or call it our bug.
  private func isExpected(_ error: any Error) -> Bool {
    switch error {
    case let failure as ServiceFailure:
      if case .cannotCreate = failure { return true }
      if case .journal(.unavailable) = failure { return true }
      return false
    case JournalFailure.poisoned: return true
    case is SystemError: return true
    default: return false
    }
  }

  /// A row: what fails for as long as the disk is full.
  struct Shortage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var matches: @Sendable (FileOperation) -> Bool

    init(_ name: String, _ matches: @escaping @Sendable (FileOperation) -> Bool) {
      testDescription = name
      self.matches = matches
    }

    static let all = [
      Shortage("journal") { $0.kind == .write && $0.object.hasSuffix("/journal.jsonl") },
      Shortage("folder in work/") { $0.kind == .makeDirectory && $0.purpose == "claim" },
      Shortage("rename into work/") { $0.kind == .rename && $0.purpose == "claim" },
      Shortage("sync of work/") { $0.kind == .sync && $0.purpose == "claim" },
      Shortage("receipt") { $0.kind == .create && $0.purpose == "archive" },
      Shortage("content of the receipt") { $0.kind == .write && $0.purpose == "archive" },
      Shortage("folder in archive/") { $0.kind == .makeDirectory && $0.purpose == "archive" },
      Shortage("rename into archive/") { $0.kind == .rename && $0.purpose == "archive" },
      Shortage("sync of archive/") { $0.kind == .sync && $0.purpose == "archive" },
    ]
  }

  @Test(arguments: Shortage.all, [ENOSPC, EDQUOT])
  func `without room it waits, says so once, and goes on by itself`(shortage: Shortage, errno: Int32)
    async throws
  {
    let trial = try Trial(.twoFolders)
    let disk = Disk()
    disk.add(Disk.Failure(errno: errno, matches: shortage.matches, times: .max))
    let daemon = Task { try await trial.service.run(.daemon, disk) }
    #expect(await trial.service.log.tell(.diskFull))
    disk.mend()
    #expect(await trial.service.log.tell(.setArchived, times: 2), "\(trial.service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(trial.service.log.of(.diskFull).count <= 2, "\(trial.service.log.text)")
    trial.promise(shortage.testDescription).check()
  }

  @Test(arguments: [FileOperation.Kind.write, .dataSync])
  func `an I/O error of the journal ends the service`(kind: FileOperation.Kind) async throws {
    let trial = try Trial(.twoFolders)
    let disk = Disk()
    disk.add(Self.journalFailure(kind))
    let failure = await #expect(throws: JournalFailure.self) { try await trial.service.run(.daemon, disk) }
    guard case .poisoned(let error)? = failure else {
      Issue.record("it ended with \(String(describing: failure))")
      return
    }
    #expect(error.isIO)
    #expect(trial.service.log.of(.inputOutputError).count == 1)
    try await trial.service.onceUntilSettled()
    trial.promise("after \(kind)").check()
  }

  /// Fails the second such call on the journal: the first may belong to its opening.
  private static func journalFailure(_ kind: FileOperation.Kind) -> Disk.Failure {
    let count = Counter()
    return Disk.Failure(errno: EIO) {
      $0.kind == kind && $0.object.hasSuffix("/journal.jsonl") && count.next() == 2
    }
  }

  @Test func `nothing is recorded any more after a failed sync`() async throws {
    let trial = try Trial(.twoFolders)
    let disk = Disk()
    disk.add(Self.journalFailure(.dataSync))
    _ = try? await trial.service.run(.daemon, disk)
    let length = trial.place.bytes(trial.place.journal).count
    #expect(length > 0)
    #expect(trial.simulator.record.jobs.isEmpty, "nothing may be scheduled on an intent that was not synced")
  }

  @Test(
    .enabled(if: FullDisk.mayMount, "only root may mount a small file system"),
    arguments: ["bytes", "inodes"])
  func `on a disk that is really full nothing is lost`(shortage: String) async throws {
    let full = try #require(FullDisk(options: "size=1m,nr_inodes=400"))
    let place = Place(at: full.path)
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    let sets = (1...4).map { SampleSet(name: "set\($0)") }
    try await service.once()  // without a journal there would be nothing to begin with
    service.log = Lines()
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.started))
    // Staged on the same disk while there is room, and dropped by a rename, which needs none.
    for set in sets { set.drop(in: place, as: "students") }
    if shortage == "bytes" { full.fill() } else { full.useUpInodes() }
    for set in sets { rename("\(place.drop("students"))/\(set.name)", "\(place.drop())/\(set.name)") }
    #expect(await service.log.tell(.diskFull))
    if shortage == "bytes" { full.makeRoom() } else { full.makeInodes() }
    #expect(await service.log.tell(.setArchived, times: sets.count), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  @Test(
    .enabled(if: FullDisk.mayMount, "only root may mount a small file system"),
    arguments: ["MinFreeSpace=64K", "MinFreeSpace=0"])
  func `on a disk without inodes nothing is lost, and it goes on by itself`(guarded: String) async throws {
    let full = try #require(FullDisk(options: "size=8m,nr_inodes=400"))
    let (place, outside) = (Place(at: full.path), Place())
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.daemon = guarded
    service.runtime = outside.root + "/run"
    // Named in their order, which counts where the clock of the file system does not tell them apart.
    let sets =
      ["a", "b"].map { SampleSet(name: $0) } + [SampleSet(name: "control.json", form: .flat)]
    try await service.once()
    for set in sets { set.drop(in: place) }
    full.useUpInodes()
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.diskFull))
    full.makeInodes()
    #expect(await service.log.tell(.setArchived, times: sets.count), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    if guarded != "MinFreeSpace=0" {
      #expect(service.log.of(.diskFull).first?.text.contains("out of inodes") == true)
      #expect(service.log.of(.diskFull).first?["path"] == place.spool)
      #expect(service.log.of(.diskHasRoom).count == 1)
    }
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  @Test(.enabled(if: FullDisk.mayMount, "only root may mount a small file system"), arguments: [true, false])
  func `a spool that is read-only is loud, and goes on by itself`(fromStart: Bool) async throws {
    let disk = try #require(FullDisk(options: "size=8m"))
    let (place, outside) = (Place(at: disk.path), Place())
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.state = outside.state
    service.runtime = outside.root + "/run"
    if !fromStart { service.sources = ["hr": "Directory=\(outside.drop())"] }
    try await service.once()
    let set = SampleSet(name: "one")
    if fromStart { set.drop(in: place) }
    if fromStart { try #require(disk.makeReadOnly()) }
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    if !fromStart {
      // It was writable a moment ago, when the set before was taken.
      #expect(await service.log.tell(.started))
      SampleSet(name: "zero").drop(in: outside)
      #expect(await service.log.tell(.setArchived))
      try #require(disk.makeReadOnly())
      set.drop(in: outside)
    }
    #expect(await service.log.tell(.spoolUnwritable))
    disk.makeWritable()
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    let told = try #require(service.log.of(.spoolUnwritable).first)
    #expect(told.priority == .error && told["remedy"]?.contains("mount its file system read-write") == true)
    #expect(told["reason"] == "cannot write to '\(place.spool)': Read-only file system")
    #expect(service.log.of(.spoolUnwritable).count == 1 && service.log.of(.spoolWritable).count == 1)
    #expect(simulator.record.jobs.count == (fromStart ? 1 : 2))
  }
}
