import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// What happens between the scan that found a set complete and its claim, and while the claim is synced.
@Suite(.timeLimit(.minutes(5))) struct ClaimingTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService
  let set = SampleSet(name: "alone")

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private static func isClaimSync(_ operation: FileOperation) -> Bool {
    operation.kind == .sync && operation.purpose == "claim"
  }

  private static func isClaim(_ operation: FileOperation) -> Bool {
    operation.kind == .rename && operation.purpose == "claim"
  }

  private func once(_ hook: @escaping @Sendable (FileOperation) -> Void) async throws {
    var parts = service.parts()
    parts.fileSystem = FileSystem { operation throws(SystemError) in hook(operation) }
    _ = try await Service(parts, purpose: .once, signals: nil).run()
  }

  @Test func `the journal says that a set is claimed, and the server hears of it, only when the disk has it`()
    async throws
  {
    set.drop(in: place)
    let seen = Mutex<(journal: String, requests: Int)?>(nil)
    try await once { [place, simulator] operation in
      guard Self.isClaimSync(operation) else { return }
      let moment = (place.text(place.journal), simulator.record.batches.count)
      seen.withLock { $0 = $0 ?? moment }
    }
    let (journal, requests) = try #require(seen.withLock { $0 })
    #expect(journal.contains("\"claimBegun\""))
    #expect(!journal.contains("\"claimed\""))
    #expect(requests == 0)
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test func `a file that comes between the scan and the claim is sent, too`() async throws {
    let trial = dropGrowing()
    let isAdded = Atomic(false)
    try await trial.once { [place] operation in
      guard Self.isClaim(operation), !isAdded.exchange(true, ordering: .relaxed) else { return }
      place.write("[{\"n\": 2}]", to: place.drop() + "/growing/later.json")
    }
    #expect(
      simulator.record.jobs.map { $0.data.keys.sorted() } == [["data0", "later.json"]], "\(service.log.text)")
  }

  @Test func `a file that comes while a claim cannot be made is sent, too`() async throws {
    let trial = dropGrowing()
    let tries = Atomic(0)
    var parts = trial.service.parts()
    parts.fileSystem = FileSystem { [place] operation throws(SystemError) in
      guard Self.isClaim(operation) else { return }
      switch tries.add(1, ordering: .relaxed).newValue {
      case 1: throw SystemError(call: "rename", object: operation.object, errno: ENOSPC)
      case 2: place.write("[{\"n\": 2}]", to: place.drop() + "/growing/later.json")
      default: break
      }
    }
    _ = try await Service(parts, purpose: .once, signals: nil).run()
    try await trial.service.onceUntilSettled()
    #expect(tries.load(ordering: .relaxed) > 1)
    #expect(
      simulator.record.jobs.map { $0.data.keys.sorted() } == [["data0", "later.json"]], "\(service.log.text)")
  }

  @Test func `a file that is changed between the scan and the claim is sent as it is then`() async throws {
    set.drop(in: place)
    let (path, later) = ("\(place.drop())/alone/data0.json", "[{\"n\": \"later\"}]")
    let isChanged = Atomic(false)
    try await once { [place] operation in
      guard Self.isClaim(operation), !isChanged.exchange(true, ordering: .relaxed) else { return }
      place.write(later, to: path)
    }
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest } == [SampleSet.digest(later)])
  }

  /// Each would need descriptors of its own, and a process has not many.
  @Test func `of many sets that come at once no files are kept open`() async throws {
    let sets = (0..<60).map { SampleSet(name: "s\($0)", keys: ["data0"]) }
    for set in sets { set.drop(in: place) }
    let most = Mutex(0)
    try await once { [place] operation in
      guard Self.isClaim(operation) else { return }
      let count = openFiles(below: place.root)
      most.withLock { $0 = max($0, count) }
    }
    #expect(most.withLock { $0 } > 0)
    #expect(most.withLock { $0 } < 60)
    #expect(simulator.record.jobs.count == 60)
  }

  @Test(arguments: [ENOSPC, EDQUOT])
  func `without room for its claim a set waits, says so once, and goes on by itself`(errno: Int32)
    async throws
  {
    let disk = Disk()
    disk.add(Disk.Failure(errno: errno, matches: Self.isClaimSync, times: .max))
    let daemon = Task { [service] in try await service.run(.daemon, disk) }
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

  @Test func `without room for a claim the service can be stopped`() async throws {
    let disk = Disk()
    disk.add(Disk.Failure(errno: ENOSPC, matches: Self.isClaimSync, times: .max))
    let daemon = Task { [service] in try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.started))
    set.drop(in: place)
    #expect(await service.log.tell(.diskFull))
    daemon.cancel()
    _ = try await daemon.value
    #expect(simulator.record.jobs.isEmpty)
    try await service.onceUntilSettled()
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test func `a start removes the spare folders of an earlier version, but nothing of somebody else`()
    async throws
  {
    for source in ["hr", "med", "kept"] { place.makeFolder(place.spool + "/.spare/\(source)") }
    place.write("mine", to: place.spool + "/.spare/kept/note")
    try await service.once()
    #expect(access(place.spool + "/.spare/hr", F_OK) != 0)
    #expect(place.text(place.spool + "/.spare/kept/note") == "mine")
    #expect(unlink(place.spool + "/.spare/kept/note") == 0)
    try await service.once()
    #expect(access(place.spool + "/.spare", F_OK) != 0)
  }

  /// Drops a set of which everything is sent that is in its folder, `growing`; returns these tests with its configuration.
  private func dropGrowing() -> Self {
    var trial = self
    trial.service.sources = ["hr": "MarkerFile=done\nMode=import"]
    let path = place.root + "/staging"
    place.makeFolder(path)
    place.write("", to: path + "/done")
    place.write("[{\"n\": 1}]", to: path + "/data0.json")
    place.write(SampleSet.control(keys: ["data0", "DEFAULT"]), to: path + "/control.json")
    #expect(rename(path, place.drop() + "/growing") == 0)
    return trial
  }
}

/// How many descriptors of this process stand for something below a path.
private func openFiles(below path: String) -> Int {
  guard let directory = unsafe opendir("/proc/self/fd") else { return -1 }
  defer { unsafe closedir(directory) }
  var count = 0
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    var target = [CChar](repeating: 0, count: 4096)
    let length = unsafe readlink("/proc/self/fd/\(name)", &target, target.count)
    guard length > 0 else { continue }
    if String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self).hasPrefix(path + "/")
    {
      count += 1
    }
  }
  return count
}
