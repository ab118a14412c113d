import FoundationEssentials
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import Testing

/// A journal that is gone proves nothing of what stands in `work/`.
@Suite struct LostJournalTests {
  @Test func `with a new journal, sets at work are held, whenever the machine dies on the way`() async throws
  {
    for number in 1...200 {
      let trial = try await lost()
      let disk = Disk(dyingAt: number)
      _ = try? await trial.service.once(disk)
      try await trial.service.onceUntilSettled()
      #expect(trial.simulator.record.jobs.isEmpty, "death at \(number), \(String(describing: disk.last))")
      #expect(trial.place.files(below: "spool/held").filter { $0.hasSuffix(".json") }.count == 2 * 4)
      #expect(trial.place.entries(below: "work").filter { $0.contains("/") } == [])
      if !disk.isDead { return #expect(number > 15) }
    }
  }

  @Test func `it says so, with what to do`() async throws {
    let trial = try await lost()
    try await trial.service.once()
    let held = trial.service.log.of(.setHeld)
    #expect(held.count == 2)
    #expect(held.allSatisfy { $0["reason"]?.contains("journal is new") == true && $0["remedy"] != nil })
  }

  /// The same without a journal.
  private func lost() async throws -> Trial {
    let trial = try await begun()
    try FileManager.default.removeItem(atPath: trial.place.journal)
    return trial
  }

  @Test func `a set that an intact journal does not know is held, whatever put it there`() async throws {
    let trial = try Trial(.twoFolders)
    let work = "\(trial.place.spool)/work/hr"
    try await trial.service.once()
    let stranger = SampleSet(name: "stranger")
    stranger.drop(in: trial.place)
    trial.place.makeFolder("\(work)/20261124T070512Z-hr-7f3k2m9q")
    try FileManager.default.moveItem(
      atPath: trial.place.drop() + "/stranger", toPath: "\(work)/20261124T070512Z-hr-7f3k2m9q/files")
    try await trial.service.once()
    #expect(trial.simulator.record.jobs.count == trial.sets.count, "\(trial.service.log.text)")
    let held = try #require(trial.service.log.of(.setHeld).first)
    #expect(held["reason"]?.contains("the journal does not know this set") == true && held["remedy"] != nil)
    #expect(trial.place.files(below: "spool/held").contains { $0.hasSuffix("files/control.json") })
  }

  @Test func `a folder in work of which nothing was taken does not keep the service from starting`()
    async throws
  {
    let trial = try Trial(.twoFolders)
    let work = "\(trial.place.spool)/work/hr"
    let folders = ["20261124T070512Z-hr-7f3k2m9q", "20261124T070512Z-hr-8f3k2m9q"].map { "\(work)/\($0)" }
    for folder in folders {
      trial.place.makeFolder(folder)
      for name in [".control.json.new", "control.json"] { trial.place.write("{", to: "\(folder)/\(name)") }
    }
    trial.place.write("of a person", to: "\(folders[1])/notes")
    try await trial.service.onceUntilSettled()
    #expect(
      trial.place.entries(below: "work/hr") == [
        "20261124T070512Z-hr-8f3k2m9q", "20261124T070512Z-hr-8f3k2m9q/notes",
      ])
    try FileManager.default.removeItem(atPath: folders[1])
    trial.promise("").check()
  }

  /// The harness must be able to fail: what the promise rests on is taken away.
  @Test func `with an old journal put back, the check finds the second schedule`() async throws {
    let trial = try await begun()
    let old = trial.place.copy()
    try await trial.service.onceUntilSettled()
    #expect(trial.promise("").problems == [])
    let other = TestService(old, trial.simulator)
    try await other.onceUntilSettled()
    #expect(!trial.promise("").problems.isEmpty)
  }

  /// Two sets that stand in `work/` with batches being filled.
  private func begun() async throws -> Trial {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("file:503")
    try await trial.service.once()
    trial.simulator.clearFaults()
    return trial
  }
}
