import Glibc
import HaploSimulator
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// A small set is read while the disk is busy with its claim; what is sent is what is there afterwards.
@Suite struct ReadAheadTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  /// Where each data file was when it was synced, which is done once for each time that it is examined; and which were read.
  private final class Readings: Sendable {
    private let synced = Mutex<[String]>([])
    private let read = Mutex<[String]>([])

    func note(_ operation: FileOperation) {
      guard operation.object.hasSuffix(".json") else { return }
      if operation.kind == .dataSync { synced.withLock { $0.append(operation.object) } }
      if operation.kind == .read { read.withLock { $0.append(operation.object) } }
    }

    func of(_ name: String) -> [String] { synced.withLock { $0.filter { $0.hasSuffix("/\(name)") } } }

    /// Waits on a thread that may block until the first data file of a set has been read, which is when the second one is.
    func waitForFirst() {
      let deadline = ContinuousClock.now + .seconds(60)
      while !hasRead("data1.json"), ContinuousClock.now < deadline { sched_yield() }
    }

    func hasRead(_ name: String) -> Bool { read.withLock { $0.contains { $0.hasSuffix("/\(name)") } } }
  }

  private func once(_ hook: @escaping @Sendable (FileOperation) -> Void) async throws {
    var parts = service.parts()
    parts.fileSystem = FileSystem { operation throws(SystemError) in hook(operation) }
    _ = try await Service(parts, purpose: .once, signals: nil).run()
  }

  @Test func `a small set is read once, where it was dropped`() async throws {
    let set = SampleSet(name: "small")
    set.drop(in: place)
    let readings = Readings()
    try await once { readings.note($0) }
    #expect(readings.of("data0.json") == [place.drop() + "/small/data0.json"])
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test func `each of its files is opened once from the first look to the server`() async throws {
    let set = SampleSet(name: "small")
    set.drop(in: place)
    let opened = Mutex<[String]>([])
    try await once { operation in
      guard operation.kind == .open, operation.object.hasSuffix(".json") else { return }
      opened.withLock { $0.append(String(operation.object.split(separator: "/").last ?? "")) }
    }
    let names = opened.withLock { $0 }.filter { $0 == "control.json" || $0.hasPrefix("data") }
    #expect(names.sorted() == ["control.json"] + set.keys.map { "\($0).json" }.sorted())
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  /// Each needs descriptors of its own, and a process has not many.
  @Test func `of many sets that come at once none is kept open`() async throws {
    let sets = (0..<60).map { SampleSet(name: "s\($0)", keys: ["data0"]) }
    for set in sets { set.drop(in: place) }
    let most = Mutex(0)
    try await once { [place] operation in
      guard operation.kind == .rename, operation.purpose == "claim" else { return }
      let count = openFiles(below: place.root)
      most.withLock { $0 = max($0, count) }
    }
    #expect(most.withLock { $0 } > 0)
    #expect(most.withLock { $0 } < 60)
    #expect(simulator.record.jobs.count == 60)
  }

  @Test func `a file that comes between the look and the claim is sent, too`() async throws {
    let trial = dropGrowing()
    let isAdded = Atomic(false)
    try await trial.once { [place] operation in
      guard operation.kind == .rename, operation.purpose == "claim", !isAdded.load(ordering: .relaxed) else {
        return
      }
      isAdded.store(true, ordering: .relaxed)
      place.write("[{\"n\": 2}]", to: place.drop() + "/growing/later.json")
    }
    #expect(
      simulator.record.jobs.map { $0.data.keys.sorted() } == [["data0", "later.json"]], "\(service.log.text)")
  }

  @Test func `of many folders that are moved in at once none is kept open either`() async throws {
    let sets = (0..<40).map { SampleSet(name: "s\($0)", keys: ["data0"]) }
    let most = Mutex(0)
    let areDropped = Atomic(false)
    var parts = service.parts()
    parts.fileSystem = FileSystem { [place] operation throws(SystemError) in
      // The first one's visit lasts until the others are there, so that they come with one hint.
      if operation.kind == .open, operation.object.hasSuffix("/first") {
        for set in sets where !areDropped.load(ordering: .relaxed) { set.drop(in: place) }
        areDropped.store(true, ordering: .relaxed)
      }
      guard operation.kind == .open, operation.object.hasSuffix("/data0.json") else { return }
      most.withLock { $0 = max($0, openFiles(below: place.root)) }
    }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.started))
    SampleSet(name: "first", keys: ["data0"]).drop(in: place)
    #expect(await service.log.tell(.setArchived, times: 41), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(most.withLock { $0 } < 60)
    #expect(simulator.record.jobs.count == 41)
  }

  /// On another machine's disk a file that is removed while it is open stays, under another name, and so does its folder.
  @Test func `what lies on a file system of another machine is not kept open`() async throws {
    let set = SampleSet(name: "far")
    set.drop(in: place)
    let most = Mutex<Int?>(nil)
    var parts = service.parts()
    let hook: FileSystem.Hook = { [place] operation throws(SystemError) in
      guard operation.kind == .rename, operation.purpose == "claim" else { return }
      most.withLock { $0 = max($0 ?? 0, openFiles(below: place.drop() + "/far")) }
    }
    parts.fileSystem = FileSystem(hook: hook, kind: FileSystemKind(name: "nfs", isRemote: true))
    _ = try await Service(parts, purpose: .once, signals: nil).run()
    #expect(most.withLock { $0 } == 0)
    Promise(place: place, record: simulator.record, scheduled: [set]).check()
  }

  @Test func `a file that comes while a claim cannot be made is sent, too`() async throws {
    let trial = dropGrowing()
    let tries = Atomic(0)
    var parts = trial.service.parts()
    parts.fileSystem = FileSystem { [place] operation throws(SystemError) in
      guard operation.kind == .rename, operation.purpose == "claim" else { return }
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

  @Test(arguments: ["many bytes", "many files"])
  func `a set that takes longer than its claim is read where it was taken to`(what: String) async throws {
    let path = place.root + "/staging"
    place.makeFolder(path)
    let count = what == "many files" ? 17 : 1
    let padding = what == "many bytes" ? String(repeating: " ", count: 300_000) : ""
    let keys = (0..<count).map { "data\($0)" }
    for key in keys { place.write("[{\"file\": \"\(key)\"}]" + padding, to: "\(path)/\(key).json") }
    place.write(SampleSet.control(keys: keys), to: path + "/control.json")
    #expect(rename(path, place.drop() + "/large") == 0)
    let readings = Readings()
    try await once { readings.note($0) }
    #expect(readings.of("data0.json").count == 1)
    #expect(readings.of("data0.json").first?.contains("/work/") == true)
    #expect(simulator.record.jobs.count == 1)
  }

  @Test func `a file that is changed between its reading and the claim is sent as it is then`() async throws {
    let later = try await dropAndChange("late")
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest } == [SampleSet.digest(later)])
  }

  /// A set that is skipped is never opened for sending.
  @Test func `nor is it taken for a duplicate by what it was`() async throws {
    var trial = self
    trial.service.sources = ["hr": "OnDuplicate=skip\nMode=import"]
    place.makeFolder(place.root + "/first")
    for key in ["data0", "data1"] {
      place.write(SampleSet(name: "late").content(key), to: place.root + "/first/\(key).json")
    }
    place.write(SampleSet.control(keys: ["data0", "data1"]), to: place.root + "/first/control.json")
    #expect(rename(place.root + "/first", place.drop() + "/first") == 0)
    try await trial.service.once()
    let later = try await trial.dropAndChange("late")
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest }.last == SampleSet.digest(later))
    #expect(simulator.record.jobs.count == 2, "\(service.log.text)")
  }

  @Test func `what was read by settings that a reload has changed is read anew`() async throws {
    var (loose, strict) = (service, service)
    loose.sources = ["hr": "Check=off"]
    strict.sources = ["hr": "Check=full"]
    let isStrict = Atomic(false)
    let signals = SignalInbox.apart()
    let isChanged = Atomic(false)
    let readings = Readings()
    place.makeFolder(place.root + "/loose")
    place.write("[{", to: place.root + "/loose/data0.json")
    place.write("[]", to: place.root + "/loose/data1.json")
    place.write(SampleSet.control(keys: ["data0", "data1"]), to: place.root + "/loose/control.json")
    let hook: FileSystem.Hook = { [log = service.log] operation in
      readings.note(operation)
      guard operation.kind == .rename, operation.purpose == "claim",
        !isChanged.exchange(true, ordering: .relaxed)
      else { return }
      readings.waitForFirst()
      let deadline = ContinuousClock.now + .seconds(60)
      isStrict.store(true, ordering: .relaxed)
      signals.put(SIGHUP)
      while log.of(.reloaded).isEmpty, ContinuousClock.now < deadline { sched_yield() }
    }
    let parts = ServiceParts(
      load: { [loose, strict] in try (isStrict.load(ordering: .relaxed) ? strict : loose).load() },
      transport: { try $0.makeTransport() }, fileSystem: FileSystem(hook: hook), time: service.time,
      log: service.log)
    #expect(rename(place.root + "/loose", place.drop() + "/loose") == 0)
    _ = try await Service(parts, purpose: .once, signals: signals).run()
    #expect(service.log.of(.setRejected).count == 1, "\(service.log.text)")
    #expect(readings.of("data0.json").allSatisfy { $0.contains("/work/") })
    #expect(simulator.record.jobs.isEmpty)
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

  /// Drops a set, and changes its file after it was read and before it is renamed; returns what is in it then.
  private func dropAndChange(_ name: String) async throws -> String {
    SampleSet(name: name).drop(in: place)
    let (readings, path, later) = (Readings(), "\(place.drop())/\(name)/data0.json", "[{\"n\": \"later\"}]")
    let isChanged = Atomic(false)
    try await once { [place] operation in
      readings.note(operation)
      guard operation.kind == .rename, operation.purpose == "claim", !isChanged.load(ordering: .relaxed)
      else {
        return
      }
      readings.waitForFirst()
      place.write(later, to: path)
      isChanged.store(true, ordering: .relaxed)
    }
    #expect(readings.of("data0.json").filter { !$0.contains("/work/") } == [path])
    return later
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
