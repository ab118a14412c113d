import Glibc
import HaploSimulator
import ImportService
import ImportSystem
import Synchronization
import Testing

/// A small set is read while the disk is busy with its claim; what is sent is what is there afterwards.
@Suite struct ReadAheadTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  /// Where each data file was when it had been read, which is when it is synced.
  private final class Readings: Sendable {
    private let paths = Mutex<[String]>([])

    func note(_ operation: FileOperation) {
      guard operation.kind == .dataSync, operation.object.hasSuffix(".json") else { return }
      paths.withLock { $0.append(operation.object) }
    }

    func of(_ name: String) -> [String] { paths.withLock { $0.filter { $0.hasSuffix("/\(name)") } } }
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
    place.write(SampleSet(name: "late").content("data0"), to: place.root + "/first/data0.json")
    place.write(SampleSet.control(keys: ["data0"]), to: place.root + "/first/control.json")
    #expect(rename(place.root + "/first", place.drop() + "/first") == 0)
    try await trial.service.once()
    let later = try await trial.dropAndChange("late")
    #expect(simulator.record.jobs.map { $0.data["data0"]?.digest }.last == SampleSet.digest(later))
    #expect(simulator.record.jobs.count == 2, "\(service.log.text)")
  }

  /// Drops a set, and changes its file after it was read and before it is renamed; returns what is in it then.
  private func dropAndChange(_ name: String) async throws -> String {
    SampleSet(name: name, keys: ["data0"]).drop(in: place)
    let (readings, path, later) = (Readings(), "\(place.drop())/\(name)/data0.json", "[{\"n\": \"later\"}]")
    let isChanged = Atomic(false)
    try await once { [place] operation in
      readings.note(operation)
      guard operation.kind == .rename, operation.purpose == "claim", !isChanged.load(ordering: .relaxed)
      else {
        return
      }
      let deadline = ContinuousClock.now + .seconds(60)
      while readings.of("data0.json").isEmpty, ContinuousClock.now < deadline { sched_yield() }
      place.write(later, to: path)
      isChanged.store(true, ordering: .relaxed)
    }
    #expect(readings.of("data0.json").first == path)
    #expect(readings.of("data0.json").dropFirst().allSatisfy { $0.contains("/work/") })
    return later
  }
}
