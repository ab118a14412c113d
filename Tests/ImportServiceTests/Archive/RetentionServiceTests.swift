import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// Retention as the daemon and `prune` apply it.
@Suite struct RetentionServiceTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.time = ManualTime()
  }

  private var time: ManualTime { service.time as! ManualTime }

  /// Runs the daemon until it has said this.
  private func daemon(_ service: TestService, until kind: LogKind) async throws {
    let daemon = Task { try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(kind), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
  }

  private var receipts: [String] {
    place.files(below: "spool/archive").filter { $0.hasSuffix("/receipt.json") }
  }

  private func prune(_ service: TestService, now: Timestamp? = nil, _ disk: Disk = Disk()) throws -> (
    [PrunedSet], [String]
  ) {
    var (pruned, obstacles): ([PrunedSet], [String]) = ([], [])
    try Pruning(
      service.load().configuration, fileSystem: disk.fileSystem, now: now ?? service.time.now
    ).run(dryRun: false) {
      obstacles.append("\($0.path): \($0.reason)")
    } found: {
      pruned.append($0)
    }
    return (pruned, obstacles)
  }

  @Test func `a clock that is 400 days ahead removes nothing, and says so`() async throws {
    var service = service
    service.sources = ["hr": "ArchiveKeepSec=30d\nRejectedKeepSec=30d"]
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    time.advance(by: .seconds(86_400 * 400))
    for _ in 1...2 {
      try await daemon(service, until: .archivePruned)
      #expect(receipts.count == 1)
      time.advance(by: .seconds(3600))
    }
    let line = try #require(service.log.of(.archivePruned).first)
    #expect(line.priority == .warning && line.text.contains("jumped ahead by 400d"), "\(line.line)")
    #expect(line["remedy"]?.contains("prune") == true)
    time.advance(by: .seconds(86_400))
    try await daemon(service, until: .archivePruned)
    #expect(receipts.isEmpty, "a day later it is believed")
  }

  @Test func `rejected sets are discarded when they are old, with their results`() async throws {
    var service = service
    service.sources = ["hr": "RejectedKeepSec=12h\nResultFiles=yes"]
    for name in ["one", "two"] {
      place.makeFolder("\(place.root)/\(name)")
      place.write("{}", to: "\(place.root)/\(name)/control.json")
    }
    #expect(rename("\(place.root)/one", "\(place.drop())/one") == 0)
    try await service.once()
    time.advance(by: .seconds(11 * 3600))
    #expect(rename("\(place.root)/two", "\(place.drop())/two") == 0)
    try await service.once()
    #expect(try place.reading().state.deliveries.count == 2)
    var old = timeval(tv_sec: Int(time.now.microseconds / 1_000_000) - 13 * 3600, tv_usec: 0)
    for name in ["one", "two"] {
      let path = "\(place.drop())/.results/\(name).rejected.txt"
      #expect(utimes(path, [old, old]) == 0, "\(place.files())")
      old.tv_sec += 12 * 3600
    }
    time.advance(by: .seconds(2 * 3600))
    try await daemon(service, until: .setDiscarded)
    let line = try #require(service.log.of(.setDiscarded).first)
    #expect(
      line.pairs.map(\.name) == ["set", "source", "decision", "by"],
      "a state would look like another rejection")
    try await service.once()
    #expect(try place.reading().state.deliveries.values.map(\.claim.name) == ["two"])
    #expect(place.entries(below: "rejected/hr").filter { $0.hasSuffix("REASON.txt") }.count == 1)
    #expect(place.text(place.journal).contains(#""by":"RejectedKeepSec=12h""#))
    _ = try prune(service)
    #expect(place.files(below: "spool/drop/hr/.results") == ["two.rejected.txt"])
  }

  @Test func `files go before their receipt, and verify accepts that`() async throws {
    var service = service
    service.sources = ["hr": "ArchiveFilesKeepSec=1d"]
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    time.advance(by: .seconds(86_400 * 2))
    let (pruned, obstacles) = try prune(service)
    #expect(pruned.count == 1 && obstacles == [])
    #expect(receipts.count == 1 && place.files(below: "spool/archive").count == 1)
    var damages: [Damage] = []
    let summary = try Verification(service.load().configuration, fileSystem: FileSystem()).run {
      damages.append($0)
    }
    #expect(summary.sets == 1 && damages == [])
    #expect(try prune(service).0 == [], "only once")
  }

  @Test func `a crash while files are deleted is finished, and verify never misses any`() async throws {
    var service = service
    service.sources = ["hr": "ArchiveFilesKeepSec=1d"]
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let later = time.now.advanced(by: .seconds(86_400 * 2))
    for number in 1...100 {
      var trial = TestService(place.copy(), simulator)
      (trial.sources, trial.time) = (service.sources, service.time)
      let disk = Disk(dyingAt: number)
      _ = try? prune(trial, now: later, disk)
      let summary = try Verification(trial.load().configuration, fileSystem: FileSystem()).run { _ in }
      #expect(summary.damaged == 0, "death at \(number)")
      _ = try prune(trial, now: later)
      #expect(trial.place.files(below: "spool/archive").count == 1, "death at \(number)")
      if !disk.isDead { return #expect(number > 4) }
    }
  }

  @Test func `one obstacle is told and skipped, and folders of any kind go`() async throws {
    var service = service
    service.sources = ["finance": "ArchiveKeepSec=1d", "hr": "ArchiveKeepSec=1d"]
    for source in ["finance", "hr"] { SampleSet(name: "one", source: source).drop(in: place) }
    SampleSet(name: "two").drop(in: place)
    try await service.once()
    for path in place.files(below: "spool/archive") where path.hasSuffix("/files/control.json") {
      let folder = "\(place.spool)/archive/\(path.dropLast("/control.json".count))/notes"
      place.makeFolder(folder)
      let latin: [CChar] = Array((folder + "/").utf8CString.dropLast()) + [CChar(bitPattern: 0xe9), 0]
      #expect(mkdir(latin, 0o755) == 0)
      chmod(folder, 0o555)
    }
    let disk = Disk()
    disk.add(Disk.Failure(errno: EPERM) { $0.kind == .rename && $0.object.contains("-finance-") })
    let later = time.now.advanced(by: .seconds(86_400 * 2))
    let (pruned, obstacles) = try prune(service, now: later, disk)
    #expect(pruned.map(\.set.source.text) == ["hr", "hr"])
    #expect(obstacles.count == 1 && obstacles[0].contains("-finance-"), "\(obstacles)")
    #expect(receipts.count == 1)
  }

  @Test func `receipts with sizes beyond all measure end nothing`() async throws {
    var service = service
    service.sources = ["hr": "ArchiveMaxSize=1K"]
    for name in ["one", "two", "three"] { SampleSet(name: name).drop(in: place) }
    try await service.once()
    for receipt in receipts {
      let path = "\(place.spool)/archive/\(receipt)"
      let text = place.text(path).replacing(#/"size"\s*:\s*\d+/#, with: "\"size\":\(Int64.max)")
      place.write(text, to: path)
    }
    let (pruned, obstacles) = try prune(service)
    #expect(!pruned.isEmpty && obstacles.isEmpty)
  }

  @Test func `rejected sets that are old enough are found with their sizes, and nothing is changed`()
    async throws
  {
    var service = service
    service.sources = ["hr": "RejectedKeepSec=12h"]
    place.makeFolder("\(place.root)/one")
    place.write("{}", to: "\(place.root)/one/control.json")
    #expect(rename("\(place.root)/one", "\(place.drop())/one") == 0)
    try await service.once()
    func expired() throws -> [PrunedSet] {
      try ExpiredRejections(
        service.load().configuration, fileSystem: FileSystem(), now: service.time.now
      ).find()
    }
    time.advance(by: .seconds(11 * 3600))
    #expect(try expired() == [])
    time.advance(by: .seconds(3600))
    let found = try expired()
    #expect(found.count == 1 && found.first?.size == 2 && found.first?.part == .rejected, "\(found)")
    #expect(place.entries(below: "rejected/hr").contains { $0.hasSuffix("REASON.txt") })
  }

  @Test func `results that expired are told, and a dry run leaves them`() async throws {
    var service = service
    service.sources = ["hr": "RejectedKeepSec=0\nResultFiles=yes"]
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    for isDryRun in [true, false] {
      var results: [PrunedResult] = []
      try Pruning(
        service.load().configuration, fileSystem: FileSystem(),
        now: SystemTime().now.advanced(by: .seconds(60))
      ).run(dryRun: isDryRun, found: { _ in }, result: { results.append($0) })
      #expect(results.map(\.path) == ["\(place.drop())/.results/one.accepted"])
      #expect(place.files(below: "spool/drop/hr/.results").count == (isDryRun ? 1 : 0))
    }
  }

  @Test func `a set whose files retention deleted cannot be imported again, and says why`() async throws {
    var service = service
    service.sources = ["hr": "ArchiveFilesKeepSec=1d"]
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let set = try #require(service.log.of(.setArchived).first?["set"])
    time.advance(by: .seconds(86_400 * 2))
    #expect(try prune(service).0.map(\.part) == [.files])
    let report = try #require(
      try SpoolReports(
        service.load().configuration, place.reading().state, fileSystem: FileSystem(), now: time.now
      ).show(set).set)
    #expect(report.filesRemoved == time.now)
    let result = try #require(
      try await service.perform(.decide(.retry(importAgain: true), sets: [set]))?.results.first)
    #expect(result.outcome == .notFound)
    #expect(
      result.text.contains("files were deleted at \(time.now.rfc3339) (ArchiveFilesKeepSec=)")
        && result.text.contains("drop it again"), "\(result.text)")
  }
}
