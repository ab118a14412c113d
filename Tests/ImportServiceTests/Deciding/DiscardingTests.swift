import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// `discard`, and what `retry` and `approve` say of a set whose folder is gone.
@Suite struct DiscardingTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private func decide(_ decision: Decision, _ set: SetID) async throws -> DecisionResult {
    let outcome = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(decision, sets: [set.text]), by: "ada")
    return try #require(outcome?.results.first)
  }

  /// A set that was rejected for its control file.
  private func rejected() async throws -> SetID {
    let folder = "\(place.root)/wrong"
    place.makeFolder(folder)
    place.write("{}", to: "\(folder)/control.json")
    try FileManager.default.moveItem(atPath: folder, toPath: "\(place.drop())/wrong")
    try await service.once()
    let set = try #require(place.reading().state.deliveries.values.first)
    #expect(set.filedPlace == .rejected)
    return set.set
  }

  @Test
  func `the files of a rejected set are deleted and the set is forgotten, and the journal says by whom`()
    async throws
  {
    let set = try await rejected()
    #expect(try await decide(.discard, set).outcome == .done)
    try await service.once()
    #expect(place.entries(below: "rejected/hr") == [])
    #expect(try place.reading().state.deliveries.isEmpty)
    #expect(place.text(place.journal).contains(#"{"discarded":{"by":"ada"}}"#))
    #expect(try await decide(.discard, set).outcome == .notFound)
  }

  @Test func `a crash at any moment leaves the set whole or deletes it in the end`() async throws {
    let set = try await rejected()
    for number in 1...100 {
      let copy = place.copy()
      var trial = TestService(copy, simulator)
      trial.time = service.time
      let disk = Disk(dyingAt: number)
      _ = try? await OfflineDecisions(
        trial.load().configuration, log: trial.log, fileSystem: disk.fileSystem
      ).perform(.decide(.discard, sets: [set.text]), by: "ada")
      let left = copy.files(below: "spool/rejected/hr/\(set)").count
      #expect(left == 0 || left == 3, "death at \(number): \(copy.files(below: "spool/rejected"))")
      try await trial.once()
      let isKnown = try !copy.reading().state.deliveries.isEmpty
      #expect((copy.entries(below: "rejected/hr") == []) != isKnown, "death at \(number)")
      if !disk.isDead { return #expect(number > 4 && !isKnown) }
    }
    Issue.record("it never ended")
  }

  @Test func `a set that was imported before says so when it is rejected`() async throws {
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let set = try #require(service.log.of(.setArchived).first?["set"].flatMap { SetID($0) })
    #expect(try await decide(.retry(importAgain: true), set).outcome == .done)
    #expect(try await decide(.reject(reason: "wrong"), set).outcome == .done)
    let text = place.text("\(place.spool)/rejected/hr/\(set)/REASON.txt")
    #expect(text.contains("the server has scheduled this set before (receipt-"), "\(text)")
  }

  @Test func `a decision that cannot be recorded is not acted upon`() async throws {
    let set = try await rejected()
    let disk = Disk()
    let parts = service.parts(disk)
    let core = try ServiceCore(try service.load().configuration, parts.fileSystem)
    let journal = try Journal(in: core.state, with: core.spool, time: parts.time, log: parts.log)
    let live = try await LiveService(parts, try service.load(), core, journal)
    disk.add(Disk.Failure(errno: EIO, matches: { $0.object.hasSuffix("/journal.jsonl") }, times: .max))
    await #expect(throws: JournalFailure.self) {
      try await live.register.decide(.discarded(by: "ada"), about: set)
    }
    #expect(await live.register.line(of: set.source).waiting == [], "its files would be deleted")
  }

  @Test func `without the daemon, discard deletes the files at once`() async throws {
    let set = try await rejected()
    let result = try await decide(.discard, set)
    #expect(result.text == "discarded; its files are deleted")
    #expect(place.entries(below: "rejected/hr") == [])
    #expect(try place.reading().state.deliveries.isEmpty)
    let verified = try Verification(service.load().configuration, fileSystem: FileSystem()).run { damage in
      Issue.record("\(damage)")
    }
    #expect(verified.damaged == 0)
  }

  @Test func `without the daemon, retry and reject move the folder at once, and again`() async throws {
    let set = try await rejected()
    for _ in 1...2 {
      #expect(try await decide(.retry(importAgain: false), set).outcome == .done)
      #expect(place.entries(below: "rejected/hr") == [] && place.entries(below: "work/hr") != [])
      #expect(try await decide(.reject(reason: "wrong"), set).outcome == .done)
      #expect(place.entries(below: "work/hr") == [])
      #expect(place.text("\(place.spool)/rejected/hr/\(set)/REASON.txt").contains("wrong (rejected by ada)"))
      #expect(try place.reading().state.deliveries[set]?.filedPlace == .rejected)
    }
  }

  @Test func `what the disk refuses is left for the next start, and said`() async throws {
    let set = try await rejected()
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: EACCES, matches: { $0.kind == .rename && $0.purpose == "discard" }, times: .max))
    let outcome = try #require(
      try await OfflineDecisions(
        service.load().configuration, log: service.log, fileSystem: disk.fileSystem
      ).perform(.decide(.discard, sets: [set.text]), by: "ada"))
    #expect(outcome.results.first?.text == "discarded; its files are still to be deleted")
    #expect(outcome.hasLeftWork && outcome.unfinished.map(\.set) == [set])
    try await service.once()
    #expect(place.entries(below: "rejected/hr") == [])
  }

  @Test func `a folder that a crash left to be moved is moved before the next decision about it`()
    async throws
  {
    SampleSet(name: "half", hasControl: false).drop(in: place)
    place.write("{}", to: place.drop() + "/half/control.json")
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: EACCES, matches: { $0.kind == .rename && $0.purpose == "rejected" }, times: .max))
    try await service.once(disk)
    let set = try #require(place.reading().state.deliveries.values.first)
    #expect(set.stage.name == "rejected" && set.filedPlace == nil)
    #expect(try await decide(.discard, set.set).outcome == .done)
    #expect(place.entries(below: "rejected/hr") == [] && place.entries(below: "work/hr") == [])
  }

  @Test func `the set whose folder is gone is cleared by discard, and retry says so`() async throws {
    let set = try await rejected()
    try FileManager.default.removeItem(atPath: "\(place.spool)/rejected/hr/\(set)")
    let retry = try await decide(.retry(importAgain: false), set)
    #expect(retry.outcome == .notFound)
    #expect(
      retry.text.contains("folder in rejected/ is gone") && retry.text.contains("discard \(set)"),
      "\(retry.text)")
    #expect(try await decide(.discard, set).outcome == .done)
    try await service.once()
    #expect(try place.reading().state.deliveries.isEmpty)
  }

  @Test func `a held set keeps its files: it is rejected first, or its folder is gone`() async throws {
    try simulator.add("file:503")
    SampleSet(name: "export").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    try FileManager.default.removeItem(atPath: place.journal)
    try await service.once()
    let held = try #require(place.reading().state.deliveries.values.first)
    #expect(held.filedPlace == .held)
    let refused = try await decide(.discard, held.set)
    #expect(refused.outcome == .refused && refused.text.contains("reject \(held.set)"), "\(refused.text)")
    try FileManager.default.removeItem(atPath: "\(place.spool)/held/hr/\(held.set)")
    #expect(try await decide(.discard, held.set).outcome == .done)
    try await service.once()
    #expect(try place.reading().state.deliveries.isEmpty)
  }

  @Test func `what is archived is not discarded, and an approval needs the files`() async throws {
    var service = service
    service.sources = ["hr": "Mode=approve", "finance": ""]
    SampleSet(name: "export", source: "finance").drop(in: place)
    SampleSet(name: "export").drop(in: place)
    try await service.once()
    let archived = try #require(service.log.of(.setArchived).first?["set"].flatMap { SetID($0) })
    let refused = try await decide(.discard, archived)
    #expect(refused.outcome == .refused && refused.text.contains("archived"), "\(refused.text)")
    let waiting = try #require(place.reading().state.deliveries.values.first)
    try FileManager.default.removeItem(atPath: "\(place.spool)/work/hr/\(waiting.set)")
    let approved = try await decide(.approve, waiting.set)
    #expect(approved.outcome == .notFound && approved.text.contains("reject \(waiting.set)"))
  }
}
