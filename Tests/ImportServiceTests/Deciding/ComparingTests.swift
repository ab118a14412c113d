import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// `OnDuplicate=` and `ShrinkLimit=` in a whole service: what is sent, where the files are, and what the log says.
@Suite struct ComparingTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  /// Drops a folder whose one data file has this text.
  private func drop(_ name: String, _ text: String = "[{\"first\": 1}]\n") {
    let staging = "\(place.root)/\(name)"
    place.makeFolder(staging)
    place.write(text, to: staging + "/data0.json")
    place.write(SampleSet.control(keys: ["data0"]), to: staging + "/control.json")
    guard rename(staging, "\(place.drop())/\(name)") == 0 else { preconditionFailure("cannot drop \(name)") }
  }

  private func receipts() -> [Receipt] {
    place.files(below: "spool/archive").filter { $0.hasSuffix("receipt.json") }.compactMap { path in
      try? JSONDecoder().decode(Receipt.self, from: Data(place.bytes("\(place.spool)/archive/\(path)")))
    }.sorted { $0.set < $1.set }
  }

  private func retry(_ service: TestService, importAgain: Bool = false) async throws -> [DecisionResult] {
    let set = try #require(service.log.of(.setHeld).last?["set"])
    return try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.retry(importAgain: importAgain), sets: [set]), by: "ada")?.results ?? []
  }

  @Test func `a duplicate is skipped: nothing is sent, the files and a receipt are in the archive`()
    async throws
  {
    var service = service
    service.sources = ["hr": "OnDuplicate=skip\nMode=import"]
    drop("monday")
    try await service.once()
    let requests = simulator.record.requests.count
    drop("tuesday")
    let summary = try await service.once()
    #expect(simulator.record.jobs.count == 1)
    #expect(simulator.record.requests.count == requests, "its turn had come, so nothing was uploaded")
    #expect(summary.rejected == 0 && summary.deferred == 0)
    let skipped = try #require(receipts().first { $0.name == "tuesday" })
    let first = try #require(receipts().first { $0.name == "monday" })
    #expect(skipped.result == "SKIPPED" && skipped.sameAs == first.set && skipped.batch == nil)
    #expect(place.files(below: "spool/archive").count { $0.hasSuffix("files/data0.json") } == 2)
    let line = try #require(service.log.of(.setSkipped).first)
    #expect(line["state"] == "skipped" && line["same-as"] == first.set.text && line["mode"] == "import")
    #expect(service.log.of(.setArchived).count == 1, "that it was filed is no change of its state")
    let configuration = try service.load().configuration
    let reports = SpoolReports(
      configuration, try SpoolReports.state(configuration, fileSystem: FileSystem()),
      fileSystem: FileSystem(), now: service.time.now)
    func names(_ states: Set<SetState>) throws -> [String] {
      var selection = SetSelection()
      selection.states = states
      return try reports.list(selection).sets.map(\.name)
    }
    #expect(try names([.skipped]) == ["tuesday"] && names([.archived]) == ["monday"])
    #expect(try reports.list(SetSelection()).sets.map(\.state) == [.archived, .skipped])
    #expect(try reports.show(skipped.set.text).set?.reason?.contains(first.set.text) == true)
  }

  @Test(arguments: [1, 4])
  func `of many at once, each is judged in its turn`(maxInFlight: Int) async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=skip\nMode=import\nMaxInFlight=\(maxInFlight)"]
    let (one, other) = ("[{\"first\": 1}]\n", "[{\"first\": 2}]\n")
    // Seen in the order of their change times, and then of their names.
    for (index, text) in [one, one, other, other, one, one].enumerated() { drop("set\(index)", text) }
    try await service.onceUntilSettled()
    #expect(receipts().count == 6, "\(service.log.text)\n\(place.files())")
    #expect(
      receipts().sorted { $0.name < $1.name }.map(\.result) == [
        "SCHEDULED", "SKIPPED", "SCHEDULED", "SKIPPED", "SKIPPED", "SKIPPED",
      ])
    #expect(simulator.record.jobs.count == 2)
  }

  @Test func `what it is compared with survives restarts, and the pruning of the archive`() async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=skip\nArchiveMaxSize=0"]
    drop("monday")
    try await service.once()
    try Pruning(
      service.load().configuration, fileSystem: FileSystem(), now: service.time.now
    ).run(dryRun: false) { _ in }
    #expect(receipts().isEmpty)
    drop("tuesday")
    try await service.once()
    #expect(receipts().map(\.result) == ["SKIPPED"])
  }

  @Test func `a duplicate is held with reason and remedy, and a retry imports it`() async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=hold\nMode=import"]
    drop("monday")
    try await service.once()
    drop("tuesday")
    try await service.once()
    let held = try #require(service.log.of(.setHeld).first)
    #expect(
      held["reason"]?.contains("same bytes as set") == true && held["remedy"]?.contains("retry") == true)
    let reason = try #require(place.files(below: "spool/held").first { $0.hasSuffix("REASON.txt") })
    #expect(place.text("\(place.spool)/held/\(reason)").contains("haplo-importd retry"))
    let machine = try #require(place.files(below: "spool/held").first { $0.hasSuffix("reason.json") })
    #expect(place.text("\(place.spool)/held/\(machine)").contains("\"cause\" : \"duplicate\""))
    #expect(try await retry(service).map(\.outcome) == [.done])
    try await service.once()
    #expect(service.log.of(.setHeld).count == 1)
    #expect(simulator.record.jobs.count == 2 && receipts().map(\.result) == ["SCHEDULED", "SCHEDULED"])
  }

  @Test func `a shrunken set is held, a retry lets it through, and the next is measured by it`() async throws
  {
    var service = service
    service.sources = ["hr": "ShrinkLimit=30%"]
    let big = "[" + (1...99).map { "{\"first\": \($0)}" }.joined(separator: ",\n") + "]\n"
    drop("monday", big)
    try await service.once()
    drop("tuesday", "[{\"first\": 1}]\n")
    try await service.once()
    let held = try #require(service.log.of(.setHeld).first)
    #expect(held["reason"]?.contains("file 'data0' has 15 bytes") == true, "\(held.line)")
    #expect(simulator.record.jobs.count == 1)
    _ = try await retry(service)
    try await service.once()
    drop("wednesday", "[{\"first\": 2}]\n")
    try await service.once()
    #expect(service.log.of(.setHeld).count == 1)
    #expect(simulator.record.jobs.count == 3)
  }

  @Test func `a held set halts its source where that is wanted, and a skipped one does not`() async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=hold\nOnRejected=halt"]
    drop("monday")
    try await service.once()
    drop("tuesday")
    try await service.once()
    #expect(service.log.of(.sourcePaused).count == 1)
    var skipping = self.service
    skipping.sources = ["hr": "OnDuplicate=skip\nOnRejected=halt"]
    _ = try await retry(service)
    #expect(service.log.of(.sourceResumed).count == 1, "a decision about the set ends the halt")
    try await skipping.once()
    drop("wednesday")
    try await skipping.once()
    #expect(receipts().last?.result == "SKIPPED" && service.log.of(.sourcePaused).count == 1)
  }

  @Test func `a skipped set can be imported all the same, by somebody who says so`() async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=skip"]
    drop("monday")
    try await service.once()
    drop("tuesday")
    try await service.once()
    let set = try #require(service.log.of(.setSkipped).first?["set"])
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    let refused = try await decisions.perform(.decide(.retry(importAgain: false), sets: [set]), by: "ada")
    let answer = try #require(refused?.results.first)
    #expect(answer.outcome == .refused && answer.text.contains("was skipped"))
    let done = try await decisions.perform(.decide(.retry(importAgain: true), sets: [set]), by: "ada")
    #expect(done?.results.first?.outcome == .done)
    try await service.once()
    #expect(simulator.record.jobs.count == 2)
    #expect(receipts().map(\.result) == ["SCHEDULED", "SCHEDULED"])
  }

  @Test func `with approval, a second dry run of the same bytes is skipped`() async throws {
    var service = service
    service.sources = ["hr": "OnDuplicate=skip\nMode=approve"]
    drop("monday")
    try await service.once()
    drop("tuesday")
    try await service.once()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true])
    let set = try #require(service.log.of(.setScheduled).first?["set"])
    _ = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.approve, sets: [set]), by: "ada")
    try await service.once()
    #expect(simulator.record.jobs.map(\.isDryRun) == [true, false])
    #expect(receipts().sorted { $0.name < $1.name }.map(\.result) == ["SCHEDULED", "SKIPPED"])
  }

  /// The machine dies at every call that changes the disk.
  @Test(arguments: [false, true])
  func `a crash at any change skips a duplicate once, and loses nothing`(afterCall: Bool) async throws {
    for number in 1...500 {
      let trial = try Self()
      var service = trial.service
      service.sources = ["hr": "OnDuplicate=skip\nMode=import\nResultFiles=yes"]
      trial.drop("monday")
      try await service.once()
      trial.drop("tuesday")
      let disk = Disk(dyingAt: number, afterCall: afterCall)
      _ = try? await service.once(disk)
      guard disk.isDead else { return #expect(number > 15) }
      try await service.onceUntilSettled()
      let receipts = trial.receipts().sorted { $0.name < $1.name }
      #expect(
        receipts.map(\.result) == ["SCHEDULED", "SKIPPED"] && trial.simulator.record.jobs.count == 1,
        "death at \(number), \(disk.last!)")
      #expect(
        trial.place.files(below: "spool/drop/hr/.results").filter { !$0.hasPrefix(".") } == [
          "monday.accepted", "tuesday.accepted",
        ], "death at \(number), \(disk.last!)")
      #expect(trial.place.files(below: "spool/drop/hr").allSatisfy { $0.hasPrefix(".results/") })
    }
    Issue.record("no run ended by itself")
  }
}
