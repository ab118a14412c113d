import FoundationEssentials
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// A journal that is only seconds older is put back. No receipt is newer, and a set that was retried meanwhile stands in `work/`,
/// while the journal has it in `rejected/` or `held/`.
@Suite struct BackAtWorkTests {
  /// Where the journal that is put back has the set.
  enum Old: String, CaseIterable, Sendable { case rejected, held }

  private let simulator: Simulator
  private let place = Place()
  private let service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.sources = ["hr": "MinRecords=2"]
    self.service = service
  }

  /// One set in `work/` with a batch that is being filled, and the journal of before it was retried.
  private func backAtWork(_ old: Old) async throws -> (set: SetID, journal: String) {
    let folder = "\(place.root)/monday"
    place.makeFolder(folder)
    let good = SampleSet.control(keys: ["data"])
    place.write(old == .rejected ? "{}" : good, to: "\(folder)/control.json")
    // MinRecords=2 holds one record.
    let records = Array(repeating: "{\"first\": \"Ada\"}", count: old == .held ? 1 : 2)
    place.write("[\(records.joined(separator: ","))]", to: "\(folder)/data.json")
    try FileManager.default.moveItem(atPath: folder, toPath: "\(place.drop())/monday")
    try await service.once()
    let delivery = try #require(place.reading().state.deliveries.values.first)
    #expect(delivery.filedPlace?.rawValue == old.rawValue, "\(service.log.text)")
    let journal = place.text(place.journal)
    // A person corrects the set and has it tried again, while files are refused.
    place.write(good, to: "\(place.spool)/\(old.rawValue)/hr/\(delivery.set)/files/control.json")
    try simulator.add("file:503")
    #expect(try await retry(delivery.set, again: false)?.outcome == .done)
    try await service.once()
    simulator.clearFaults()
    #expect(place.entries(below: "work/hr").contains(delivery.set.text), "\(service.log.text)")
    return (delivery.set, journal)
  }

  private func retry(_ set: SetID, again: Bool) async throws -> DecisionResult? {
    try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.retry(importAgain: again), sets: [set.text]), by: "ada")?.results.first
  }

  @Test(arguments: Old.allCases)
  func `it is held with its reason, and imported again only by somebody who knows`(old: Old) async throws {
    let (set, journal) = try await backAtWork(old)
    place.write(journal, to: place.journal)
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.isEmpty)
    #expect(place.entries(below: "work/hr") == [])
    let delivery = try #require(place.reading().state.deliveries[set])
    #expect(delivery.filedPlace == .held && delivery.needsImportAgain)
    let text = place.text("\(place.spool)/held/hr/\(set)/REASON.txt")
    #expect(text.contains("the journal has this set in \(old.rawValue)/, but it is in work/"), "\(text)")
    #expect(service.log.of(.setHeld).last?["reason"]?.contains("but it is in work/") == true)

    #expect(try await retry(set, again: false)?.outcome == .refused)
    #expect(try await retry(set, again: true)?.outcome == .done)
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 1)
  }

  @Test(arguments: Old.allCases)
  func `a command that opens the journal first holds it too`(old: Old) async throws {
    let (set, journal) = try await backAtWork(old)
    place.write(journal, to: place.journal)
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    _ = try await decisions.perform(.pause(sources: [SourceName("hr")!]), by: "ada")
    #expect(try place.reading().state.deliveries[set]?.needsImportAgain == true)
  }

  @Test func `so it is when the machine dies on the way`() async throws {
    let (set, journal) = try await backAtWork(.rejected)
    place.write(journal, to: place.journal)
    for number in 1...200 {
      let copy = place.copy()
      var trial = TestService(copy, simulator)
      (trial.time, trial.sources) = (service.time, service.sources)
      let disk = Disk(dyingAt: number)
      _ = try? await trial.once(disk)
      try await trial.onceUntilSettled()
      #expect(simulator.record.jobs.isEmpty, "death at \(number), \(String(describing: disk.last))")
      #expect(copy.entries(below: "held/hr").contains(set.text), "death at \(number)")
      #expect(copy.entries(below: "work/hr") == [], "death at \(number)")
      if !disk.isDead { return #expect(number > 5) }
    }
    Issue.record("no run ended by itself")
  }

  @Test func `the journal of another spool holds it as any other set`() async throws {
    let (set, journal) = try await backAtWork(.rejected)
    place.write(journal, to: place.journal)
    place.write("another\n", to: "\(place.spool)/instance")
    try await service.onceUntilSettled()
    #expect(place.entries(below: "work/hr") == [] && simulator.record.jobs.isEmpty)
    #expect(try place.reading().state.deliveries[set]?.reason?.text.contains("another spool") == true)
  }

  @Test func `a set that stands where the journal has it stays there, whatever copy of it is in work`()
    async throws
  {
    let (set, journal) = try await backAtWork(.rejected)
    place.write(journal, to: place.journal)
    try FileManager.default.copyItem(
      atPath: "\(place.spool)/work/hr/\(set)", toPath: "\(place.spool)/rejected/hr/\(set)")
    try await service.onceUntilSettled()
    #expect(try place.reading().state.deliveries[set]?.filedPlace == .rejected)
    #expect(simulator.record.jobs.isEmpty)
  }
}
