import FoundationEssentials
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// What a journal proves is decided where it is opened, whoever opens it: the daemon, `once`, or a command while it is down.
@Suite struct ForeignJournalTests {
  /// What opens a journal first.
  enum Opener: String, CaseIterable, Sendable { case once, pause, retryOfNothing, reconcile }

  private func open(_ opener: Opener, _ service: TestService, _ disk: Disk = Disk()) async throws {
    let decisions = OfflineDecisions(try service.load().configuration, log: service.log)
    switch opener {
    case .once: _ = try? await service.once(disk)
    case .pause: _ = try await decisions.perform(.pause(sources: [SourceName("finance")!]), by: "ada")
    case .retryOfNothing:
      _ = try await decisions.perform(
        .decide(.retry(importAgain: false), sets: ["20261124T070512Z-hr-22222222"]), by: "ada")
    case .reconcile: _ = try await decisions.perform(.reconcile(assumeNew: true), by: "ada")
    }
  }

  /// Two sets that stand in `work/` with batches being filled.
  private func begun() async throws -> Trial {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("file:503")
    try await trial.service.once()
    trial.simulator.clearFaults()
    return trial
  }

  private func expectHeld(_ trial: Trial, _ context: String) {
    #expect(trial.simulator.record.jobs.isEmpty, "\(context)")
    #expect(
      trial.place.files(below: "spool/held").filter { $0.hasSuffix("/reason.json") }.count == 2, "\(context)")
    #expect(trial.place.entries(below: "work").filter { $0.contains("/") } == [], "\(context)")
  }

  @Test(arguments: Opener.allCases)
  func `without a journal the sets at work are held, whoever comes first`(opener: Opener) async throws {
    let trial = try await begun()
    try FileManager.default.removeItem(atPath: trial.place.journal)
    try await open(opener, trial.service)
    try await trial.service.onceUntilSettled()
    expectHeld(trial, opener.rawValue)
  }

  @Test(arguments: Opener.allCases)
  func `with the journal of another spool they are held too`(opener: Opener) async throws {
    let trial = try await begun()
    let other = try await begun()
    try FileManager.default.removeItem(atPath: trial.place.journal)
    try FileManager.default.copyItem(atPath: other.place.journal, toPath: trial.place.journal)
    try await open(opener, trial.service)
    try await trial.service.onceUntilSettled()
    // Those that the other journal takes for unscheduled have no folder here, and are held as well.
    #expect(trial.simulator.record.jobs.isEmpty && other.simulator.record.jobs.isEmpty)
    #expect(trial.place.entries(below: "work").filter { $0.contains("/") } == [])
    let held = try trial.place.reading().state.deliveries.values
    #expect(held.count == 4 && held.allSatisfy { $0.filedPlace == .held && $0.needsImportAgain })
    // The other spool is not this journal's any more.
    try FileManager.default.removeItem(atPath: other.place.journal)
    try FileManager.default.copyItem(atPath: trial.place.journal, toPath: other.place.journal)
    try await other.service.onceUntilSettled()
    #expect(other.simulator.record.jobs.isEmpty)
  }

  @Test func `so they are when the machine dies on the way`() async throws {
    for number in 1...200 {
      let trial = try await begun()
      let other = try await begun()
      try FileManager.default.removeItem(atPath: trial.place.journal)
      try FileManager.default.copyItem(atPath: other.place.journal, toPath: trial.place.journal)
      let disk = Disk(dyingAt: number)
      _ = try? await trial.service.once(disk)
      try await trial.service.onceUntilSettled()
      #expect(trial.simulator.record.jobs.isEmpty, "death at \(number), \(String(describing: disk.last))")
      #expect(trial.place.entries(below: "work").filter { $0.contains("/") } == [], "death at \(number)")
      if !disk.isDead { return #expect(number > 15) }
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a spool that has lost its name is another one`() async throws {
    let trial = try await begun()
    try FileManager.default.removeItem(atPath: trial.place.spool + "/instance")
    try await trial.service.onceUntilSettled()
    expectHeld(trial, "no name")
  }

  @Test func `a set that is held for this is tried again only by somebody who knows`() async throws {
    let trial = try await begun()
    try FileManager.default.removeItem(atPath: trial.place.journal)
    try await trial.service.once()
    let set = try #require(trial.place.reading().state.deliveries.values.first).set
    let decisions = OfflineDecisions(try trial.service.load().configuration, log: trial.service.log)
    let refused = try await decisions.perform(
      .decide(.retry(importAgain: false), sets: [set.text]), by: "ada")
    #expect(refused?.results.first?.outcome == .refused)
    #expect(refused?.results.first?.text.contains("--import-again") == true)
    let done = try await decisions.perform(.decide(.retry(importAgain: true), sets: [set.text]), by: "ada")
    #expect(done?.results.first?.outcome == .done)
    try await trial.service.onceUntilSettled()
    #expect(trial.simulator.record.jobs.count == 1)
  }

  /// Makes journal and spool what version 0.1 left: its spools had no name, and its journals did not say that they have.
  private func makeOld(_ place: Place) throws {
    let bytes = place.bytes(place.journal)
    let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    let header = try place.reading().header
    let old = JournalLine.encode(JournalHeader(instance: header.instance, base: header.base))
    place.write(String(decoding: old + bytes[(end + 1)...], as: UTF8.self), to: place.journal)
    try FileManager.default.removeItem(atPath: place.spool + "/instance")
  }

  @Test func `an upgrade with sets in flight loses nothing, whenever the machine dies on the way`()
    async throws
  {
    for number in 1...300 {
      let trial = try await begun()
      try makeOld(trial.place)
      let disk = Disk(dyingAt: number)
      _ = try? await trial.service.once(disk)
      try await trial.service.onceUntilSettled()
      trial.promise("death at \(number), \(String(describing: disk.last))").check()
      guard disk.isDead else {
        let header = try trial.place.reading().header
        #expect(header.marked == true)
        #expect(trial.place.text(trial.place.spool + "/instance") == header.instance + "\n")
        return #expect(number > 15)
      }
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a journal of version 0.1 that was begun after the sets proves nothing of them`() async throws {
    let trial = try await begun()
    try makeOld(trial.place)
    trial.place.write(
      String(decoding: JournalLine.encode(JournalHeader(instance: "k7w2x9q4", base: 0)), as: UTF8.self),
      to: trial.place.journal)
    try await trial.service.onceUntilSettled()
    expectHeld(trial, "a fresh journal")
  }

  @Test func `a new spool gets its name with its journal`() async throws {
    let place = Place()
    let service = TestService(place, try Simulator(apiKey: TestService.key))
    try await service.once()
    #expect(place.text(place.spool + "/instance") == (try place.reading().header.instance) + "\n")
    #expect(service.log.of(.setHeld).isEmpty)
  }
}
