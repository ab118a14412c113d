import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import Synchronization
import Testing

/// Exporters that do what nobody expects while the daemon is at work.
@Suite struct HostileDropTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private func runDaemon(_ body: () async throws -> Void) async throws {
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    do { try await body() } catch {
      daemon.cancel()
      _ = try? await daemon.value
      throw error
    }
    daemon.cancel()
    _ = try await daemon.value
  }

  private func folder(_ name: String, _ data: String) throws {
    let staging = "\(place.root)/staging-\(name)"
    place.makeFolder(staging)
    place.write(SampleSet.control(keys: ["data0"]), to: staging + "/control.json")
    place.write(data, to: staging + "/data0.json")
    try #require(rename(staging, "\(place.drop())/\(name)") == 0)
  }

  @Test func `a set dropped again under its name while the first is on its way is another set`() async throws
  {
    try simulator.add("file:stall:for=1h:at=body:nth=1")
    try await runDaemon {
      try folder("staff", "[{\"n\": 1}]")
      #expect(await simulator.wait(atMost: .seconds(60)) { $0.requests(of: .file) == 1 })
      try folder("staff", "[{\"n\": 2}]")
      #expect(await service.log.tell(.setClaimed, times: 2))
      simulator.clearFaults()
    }
    try await service.onceUntilSettled()
    let digests = simulator.record.jobs.map { $0.data["data0"]?.digest }
    #expect(digests == ["[{\"n\": 1}]", "[{\"n\": 2}]"].map(SampleSet.digest), "\(service.log.text)")
  }

  @Test func `of two control files that name one file only one gets it`() async throws {
    let (data, later) = ("[{\"n\": 1}]", "[{\"n\": 2}]")
    place.write(data, to: place.drop() + "/data0.json")
    place.write(SampleSet.control(keys: ["data0"]), to: place.drop() + "/control.json")
    try await service.once()
    // The second one names what the first has taken, and waits for a file of its own.
    place.write(SampleSet.control(keys: ["data0"]) + " ", to: place.drop() + "/control.json")
    try await service.once()
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest } == [SampleSet.digest(data)])
    #expect(place.files(below: "spool/drop/hr") == ["control.json"])
    place.write(later, to: place.drop() + "/data0.json")
    try await service.once()
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest } == [data, later].map(SampleSet.digest))
  }

  @Test func `two keys that mean one file make no set`() async throws {
    var service = service
    service.sources = ["hr": "File.data1=data0.json\nIncompleteWarnSec=1min"]
    place.write("[{\"n\": 1}]", to: place.drop() + "/data0.json")
    place.write(SampleSet.control(keys: ["data0", "data1"]), to: place.drop() + "/control.json")
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.dropIncomplete))
    daemon.cancel()
    _ = try await daemon.value
    let told = try #require(service.log.of(.dropIncomplete).first)
    #expect(
      told["reason"]?.contains("data0.json") == true && told["reason"]?.contains("data1") == true,
      "\(told.line)")
    #expect(place.files(below: "spool/drop/hr").count == 2 && simulator.record.requestCount == 0)
  }

  @Test func `a name that is swapped for a link again and again never leads outside`() async throws {
    let secret = "[{\"n\": \"secret\"}]"
    place.write(secret, to: place.root + "/secret.json")
    let isOver = Atomic(false)
    let path = place.drop() + "/swapped"
    place.makeFolder(path)
    place.write(SampleSet.control(keys: ["data0"]), to: path + "/control.json")
    let swapper = Thread {
      var number = 0
      while !isOver.load(ordering: .relaxed), access(path, F_OK) == 0 {
        number += 1
        symlink(place.root + "/secret.json", path + "/.link")
        rename(path + "/.link", path + "/data0.json")
        place.writeIfThere("[{\"n\": \(number)}]", to: path + "/.file")
        rename(path + "/.file", path + "/data0.json")
      }
    }
    try await runDaemon {
      for number in 0..<20 { SampleSet(name: "good\(number)").drop(in: place) }
      #expect(await service.log.tell(.setArchived, times: 20))
    }
    isOver.store(true, ordering: .relaxed)
    swapper.join()
    try await service.onceUntilSettled()
    let sent = simulator.record.batches.flatMap(\.uploads).map(\.digest)
    #expect(!sent.contains(SampleSet.digest(secret)))
  }

  @Test func `a good set among a hundred thousand entries goes through`() async throws {
    for number in 0..<100_000 {
      close(open("\(place.drop())/file\(number)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
    }
    let good = SampleSet(name: "good")
    good.drop(in: place)
    try await service.once()
    Promise(place: place, record: simulator.record, scheduled: [good]).checkScheduling()
    #expect(place.entries(below: "drop/hr").count == 100_000)
  }

  @Test(.enabled(if: FullDisk.mayMount, "only root may mount a file system"))
  func `a drop directory that is mounted over and unmounted is looked at as it is`() async throws {
    let (under, over) = (SampleSet(name: "under"), SampleSet(name: "over"))
    try await service.once()
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.started))
    // Nothing tells of a mount: the next rescan finds another directory there.
    try #require(mount("haplo", place.drop(), "tmpfs", 0, "size=1m") == 0)
    #expect(await service.log.tell(.scanned, times: 2))
    place.makeFolder(place.drop() + "/over.tmp")
    for key in over.keys { place.write(over.content(key), to: place.drop() + "/over.tmp/\(key).json") }
    place.write(SampleSet.control(keys: over.keys), to: place.drop() + "/over.tmp/control.json")
    try #require(rename(place.drop() + "/over.tmp", place.drop() + "/over") == 0)
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    try #require(umount2(place.drop(), Int32(MNT_DETACH)) == 0)
    under.drop(in: place)
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    Promise(place: place, record: simulator.record, scheduled: [over, under], context: service.log.text)
      .check()
  }
}

/// A thread that a test can wait for.
private final class Thread {
  private var number = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Box(body))
    let result = pthread_create(
      &number, nil,
      {
        Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    precondition(result == 0, "no thread for a test")
  }

  func join() { pthread_join(number, nil) }

  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

extension Place {
  /// Writes a file, unless its folder is gone.
  fileprivate func writeIfThere(_ text: String, to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    _ = Glibc.write(file, text, text.utf8.count)
    close(file)
  }
}
