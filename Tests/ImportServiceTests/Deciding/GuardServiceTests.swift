import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// The guards of records in a whole service: what is sent, where record keys are, and what holds through crashes.
@Suite struct GuardServiceTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "RecordKey.data0=id\nRemovalLimit=10%\nMode=import"]
  }

  /// Drops a folder whose one data file has records with these ids.
  private func drop(
    _ name: String, _ ids: some Sequence<Int>, key: String = "data0", in source: String = "hr"
  ) {
    let staging = "\(place.root)/\(name)"
    place.makeFolder(staging)
    let records = ids.map { "{\"first\": \"\(name)\", \"id\": \($0)}" }
    place.write("[" + records.joined(separator: ",\n") + "]\n", to: staging + "/\(key).json")
    place.write(SampleSet.control(keys: [key]), to: staging + "/control.json")
    place.makeFolder(place.drop(source))
    guard rename(staging, "\(place.drop(source))/\(name)") == 0 else {
      preconditionFailure("cannot drop \(name)")
    }
  }

  private func receipts() -> [Receipt] {
    place.files(below: "spool/archive").filter { $0.hasSuffix("receipt.json") }.compactMap { path in
      try? JSONDecoder().decode(Receipt.self, from: Data(place.bytes("\(place.spool)/archive/\(path)")))
    }.sorted { $0.name < $1.name }
  }

  private func decide(
    _ decision: Decision, _ service: TestService, fileSystem: FileSystem = FileSystem()
  ) async throws -> [DecisionResult] {
    // Not from the log, which a crash may have kept from being told.
    let held = place.entries(below: "held/hr").compactMap { SetID($0)?.text }
    let set = try #require(held.first)
    let decisions = OfflineDecisions(
      try service.load().configuration, log: service.log, fileSystem: fileSystem)
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do {
        return try await decisions.perform(.decide(decision, sets: [set]), by: "ada")?.results ?? []
      } catch let failure as ServiceFailure {
        // A program that another test starts just now has a copy of the locks until it closes them on exec.
        guard failure.isBusy, ContinuousClock.now < deadline else { throw failure }
        await Task.yield()
      }
    }
  }

  private func keyFiles(_ area: String) -> [String] {
    place.files(below: "spool/\(area)").filter { $0.contains("/keys/") }
  }

  @Test func `missing record keys hold a set, and a retry lets it pass`() async throws {
    drop("1", 0..<100)
    try await service.once()
    #expect(receipts()[0].files[0].recordKey == "id" && receipts()[0].files[0].records == 100)
    #expect(keyFiles("archive").count == 1)
    drop("2", 10..<110)
    try await service.once()
    #expect(receipts().count == 2, "a tenth of the keys is missing, which is allowed\n\(service.log.text)")
    drop("3", 21..<121)
    try await service.once()
    let held = try #require(service.log.of(.setHeld).first)
    let reason = try #require(held["reason"])
    #expect(
      reason.contains(
        "file 'data0' lacks 11 of the 100 record keys it had (11%); it has 100 records, and had 100")
        && reason.contains("RemovalLimit=10% (haplo-importd.conf:"), "\(reason)")
    #expect(keyFiles("held").count == 1)
    #expect(try await decide(.retry(importAgain: false), service).map(\.outcome) == [.done])
    try await service.once()
    #expect(receipts().count == 3 && service.log.of(.setHeld).count == 1)
    drop("4", 21..<121)
    try await service.once()
    #expect(receipts().count == 4, "the next is measured by the one that was let through")
  }

  @Test func `the same numbers with other keys hold a set, and a reject gives it up`() async throws {
    drop("1", 0..<100)
    try await service.once()
    drop("2", 1000..<1100)
    try await service.once()
    #expect(service.log.of(.setHeld).first?["reason"]?.contains("lacks 100 of the 100 record keys") == true)
    #expect(try await decide(.reject(reason: "every id changed"), service).map(\.outcome) == [.done])
    try await service.once()
    drop("3", 0..<100)
    try await service.once()
    #expect(receipts().map(\.name) == ["1", "3"] && simulator.record.jobs.count == 2)
  }

  @Test func `a file that is gone from the control file lacks all its keys`() async throws {
    drop("1", 0..<100)
    try await service.once()
    drop("2", 0..<100, key: "renamed")
    try await service.once()
    #expect(
      service.log.of(.setHeld).first?["reason"]?.contains(
        "lacks 100 of the 100 record keys it had (100%); the file is missing") == true)
  }

  @Test func `keys that retention or an accident removed hold the next set, and say so`() async throws {
    drop("1", 0..<100)
    try await service.once()
    try FileManager.default.removeItem(atPath: "\(place.spool)/archive/hr")
    drop("2", 0..<100)
    try await service.once()
    let reason = try #require(service.log.of(.setHeld).first?["reason"])
    #expect(
      reason.contains("the record keys of file 'data0' cannot be compared: those of set ")
        && reason.contains("its folder is not there any more (ArchiveKeepSec=)"), "\(reason)")
    _ = try await decide(.retry(importAgain: false), service)
    try await service.once()
    drop("3", 0..<100)
    try await service.once()
    #expect(receipts().map(\.name) == ["2", "3"])
  }

  @Test func `files that retention deletes leave the keys, which verify knows`() async throws {
    var service = service
    service.sources = ["hr": "RecordKey.data0=id\nRemovalLimit=10%\nMode=import\nArchiveFilesKeepSec=0"]
    drop("1", 0..<100)
    try await service.once()
    let configuration = try service.load().configuration
    try Pruning(configuration, fileSystem: FileSystem(), now: service.time.now.advanced(by: .seconds(60)))
      .run(
        dryRun: false
      ) { _ in }
    #expect(
      place.files(below: "spool/archive").map { $0.split(separator: "/").last } == ["data0", "receipt.json"])
    func damages() throws -> [Damage] {
      var found: [Damage] = []
      _ = try Verification(configuration, fileSystem: FileSystem()).run { found.append($0) }
      return found
    }
    #expect(try damages() == [])
    drop("2", 50..<150)
    try await service.once()
    #expect(service.log.of(.setHeld).first?["reason"]?.contains("lacks 50 of the 100 record keys") == true)
    let path = "\(place.spool)/archive/\(keyFiles("archive")[0])"
    place.write("haplo-importd record keys 1\n", to: path)
    #expect(try damages().map(\.path) == [path] && damages().map(\.text) == ["the file is damaged"])
    try FileManager.default.removeItem(atPath: path)
    #expect(try damages().map(\.text) == ["is missing"])
  }

  @Test func `record counts are compared where the daemon counts them`() async throws {
    var service = service
    service.sources = ["hr": "MinRecords.data0=3\nChangeLimit=50%\nFirstSet=hold"]
    drop("1", 0..<2)
    try await service.once()
    let reason = try #require(service.log.of(.setHeld).first?["reason"])
    #expect(
      reason.contains("file 'data0' has 2 records, fewer than 3: MinRecords.data0=3 (haplo-importd.conf:"))
    #expect(
      reason.contains(
        "no set of the source was scheduled in this mode before: FirstSet=hold (haplo-importd.conf:"),
      "\(reason)")
    _ = try await decide(.retry(importAgain: false), service)
    try await service.once()
    drop("2", 0..<3)
    try await service.once()
    #expect(receipts().count == 2)
    drop("3", 0..<5)
    try await service.once()
    #expect(receipts().count == 2 && service.log.of(.setHeld).count == 2)
  }

  @Test func `a source under another name has no set before, and FirstSet=hold holds its first one`()
    async throws
  {
    drop("1", 0..<10)
    try await service.once()
    var service = service
    service.sources = ["people": "RecordKey.data0=id\nRemovalLimit=10%\nMode=import\nFirstSet=hold"]
    drop("2", 0..<10, in: "people")
    try await service.once()
    #expect(
      service.log.of(.setHeld).first?["reason"]?.hasPrefix(
        "no set of the source was scheduled in this mode before: FirstSet=hold (") == true,
      "\(service.log.text)")
    #expect(simulator.record.jobs.count == 1)
  }

  /// The machine dies at every call that changes the disk, while a person's decision is stored.
  @Test(arguments: [false, true])
  func `a crash at any change of the decision to retry leaves the set held or sends it once`(afterCall: Bool)
    async throws
  {
    for number in 1...100 {
      let trial = try Self()
      trial.drop("1", 0..<10)
      try await trial.service.once()
      trial.drop("2", 20..<30)
      try await trial.service.once()
      let disk = Disk(dyingAt: number, afterCall: afterCall)
      _ = try? await trial.decide(.retry(importAgain: false), trial.service, fileSystem: disk.fileSystem)
      try await trial.service.onceUntilSettled()
      let text = "death at \(number), \(disk.last.map { "\($0)" } ?? "")"
      let isHeld = trial.receipts().count == 1
      #expect(trial.keyFiles("held").count == (isHeld ? 1 : 0), "\(text)")
      if isHeld {
        #expect(
          try await trial.decide(.retry(importAgain: false), trial.service).map(\.outcome) == [.done],
          "\(text)")
        try await trial.service.onceUntilSettled()
      }
      #expect(
        trial.receipts().map(\.name) == ["1", "2"] && trial.simulator.record.jobs.count == 2, "\(text)")
      guard disk.isDead else { return #expect(number > 3 && !isHeld) }
    }
    Issue.record("no decision ended by itself")
  }

  /// The machine dies at every call that changes the disk, while a set is held and then while it is retried.
  @Test(arguments: [false, true])
  func `a crash at any change of a held and retried set loses nothing and sends it once`(afterCall: Bool)
    async throws
  {
    for number in 1...500 {
      let trial = try Self()
      trial.drop("1", 0..<10)
      try await trial.service.once()
      trial.drop("2", 20..<30)
      let disk = Disk(dyingAt: number, afterCall: afterCall)
      _ = try? await trial.service.once(disk)
      let diedHeld = disk.isDead
      let text = "death at \(number), \(disk.last.map { "\($0)" } ?? "")"
      try await trial.service.onceUntilSettled()
      #expect(trial.receipts().map(\.name) == ["1"] && trial.simulator.record.jobs.count == 1, "\(text)")
      #expect(trial.keyFiles("held").count == 1, "\(text)")
      #expect(
        try await trial.decide(.retry(importAgain: false), trial.service).map(\.outcome) == [.done], "\(text)"
      )
      let later = Disk(dyingAt: number, afterCall: afterCall)
      _ = try? await trial.service.once(later)
      try await trial.service.onceUntilSettled()
      #expect(
        trial.receipts().map(\.name) == ["1", "2"] && trial.simulator.record.jobs.count == 2,
        "\(text), then \(later.last.map { "\($0)" } ?? "")")
      #expect(trial.keyFiles("archive").count == 2, "\(text)")
      guard diedHeld || later.isDead else { return #expect(number > 15) }
    }
    Issue.record("no run ended by itself")
  }
}
