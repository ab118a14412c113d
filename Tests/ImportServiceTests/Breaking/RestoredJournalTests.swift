import FoundationEssentials
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// A journal that was restored from a backup is older than the archive.
@Suite struct RestoredJournalTests {
  /// A service whose journal is that of before its last set: one set is archived that it does not know, and one that stands in
  /// `work/` with a batch that may be scheduled.
  private func restored() async throws -> (trial: Trial, stranger: SetID) {
    let trial = try Trial(.folder)
    try await trial.service.onceUntilSettled()
    let old = trial.place.bytes(trial.place.journal)
    (trial.service.time as? FastTime)?.skip(.seconds(86_400))
    SampleSet(name: "tuesday").drop(in: trial.place)
    try await trial.service.onceUntilSettled()
    (trial.service.time as? FastTime)?.skip(.seconds(60))
    try trial.simulator.add("schedule:half")
    SampleSet(name: "wednesday").drop(in: trial.place)
    try await trial.service.once()
    trial.simulator.clearFaults()
    #expect(trial.simulator.record.jobs.count == 3, "\(trial.service.log.text)")
    let stranger = try #require(trial.place.reading().state.deliveries.values.first?.set)
    trial.place.write(String(decoding: old, as: UTF8.self), to: trial.place.journal)
    return (trial, stranger)
  }

  private func perform(_ request: ControlRequest, _ trial: Trial) async throws -> OfflineDecisions.Outcome? {
    try await OfflineDecisions(trial.service.load().configuration, log: trial.service.log).perform(
      request, by: "ada")
  }

  @Test(arguments: [false, true])
  func `it stops intake and deliveries, and says so, until a person has decided`(pausesFirst: Bool)
    async throws
  {
    let (trial, stranger) = try await restored()
    // A command that records something must not make the journal look young.
    if pausesFirst {
      _ = try await perform(.pause(sources: [SourceName("finance")!]), trial)
    }
    SampleSet(name: "thursday").drop(in: trial.place)
    for _ in 1...2 {
      let summary = try await trial.service.once()
      #expect(summary.isBlocked)
      #expect(trial.simulator.record.jobs.count == 3, "\(trial.service.log.text)")
      #expect(trial.place.files(below: "spool/drop").contains { $0.hasPrefix("hr/thursday") })
    }
    let line = try #require(trial.service.log.of(.journalOutdated).last)
    #expect(line.priority == .critical && line.text.contains("older than the archive"))
    #expect(line["remedy"]?.contains("reconcile --assume-new") == true)
    let reason = trial.place.text("\(trial.place.spool)/held/hr/\(stranger)/REASON.txt")
    #expect(reason.contains("older than the archive"), "\(reason)")

    let done = try await perform(.reconcile(assumeNew: true), trial)
    #expect(done?.results.first?.outcome == .done && done?.hasRecorded == true)
    let summary = try await trial.service.once()
    #expect(!summary.isBlocked)
    #expect(trial.simulator.record.jobs.count == 4)
    #expect(trial.place.text(trial.place.journal).contains(#""reconciled":"ada""#))
    #expect(try trial.place.reading().state.deliveries[stranger]?.filedPlace == .held)
  }

  @Test func `so it does when the machine dies on the way`() async throws {
    for number in 1...100 {
      let (trial, _) = try await restored()
      let disk = Disk(dyingAt: number)
      _ = try? await trial.service.once(disk)
      SampleSet(name: "thursday").drop(in: trial.place)
      let summary = try await trial.service.once()
      #expect(summary.isBlocked && trial.simulator.record.jobs.count == 3, "death at \(number)")
      if !disk.isDead { return #expect(number > 5) }
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a set that it takes for unscheduled, and that is archived, shows it too`() async throws {
    let trial = try Trial(.folder)
    try trial.simulator.add("file:503")
    try await trial.service.once()
    trial.simulator.clearFaults()
    let old = trial.place.bytes(trial.place.journal)
    try await trial.service.onceUntilSettled()
    #expect(trial.simulator.record.jobs.count == 1)
    trial.place.write(String(decoding: old, as: UTF8.self), to: trial.place.journal)
    #expect(try await trial.service.once().isBlocked)
    _ = try await perform(.reconcile(assumeNew: true), trial)
    try await trial.service.onceUntilSettled()
    #expect(trial.simulator.record.jobs.count == 1, "its files are not in work/ any more")
  }

  @Test func `a machine that was set back as a whole goes on`() async throws {
    let trial = try Trial(.twoFolders)
    try await trial.service.onceUntilSettled()
    let old = trial.place.copy()
    SampleSet(name: "tuesday").drop(in: trial.place)
    try await trial.service.onceUntilSettled()
    var other = TestService(old, trial.simulator)
    other.time = trial.service.time
    #expect(!(try await other.once().isBlocked))
    #expect(other.log.of(.journalOutdated).isEmpty)
  }

  @Test func `a journal that was lost is new, not old: what is dropped next is imported`() async throws {
    let trial = try Trial(.twoFolders)
    try await trial.service.onceUntilSettled()
    try FileManager.default.removeItem(atPath: trial.place.journal)
    for name in ["tuesday", "wednesday"] {
      SampleSet(name: name).drop(in: trial.place)
      #expect(!(try await trial.service.once().isBlocked))
    }
    #expect(trial.simulator.record.jobs.count == 4)
  }

  @Test func `a clock that was ahead, and was set back, shows nothing`() async throws {
    let trial = try Trial(.twoFolders)
    var ahead = trial.service
    ahead.time = FastTime("2027-11-24T07:05:12Z")
    try await ahead.onceUntilSettled()
    for name in ["tuesday", "wednesday"] {
      SampleSet(name: name).drop(in: trial.place)
      #expect(!(try await trial.service.once().isBlocked))
    }
    #expect(trial.simulator.record.jobs.count == 4)
  }

  @Test func `the running daemon goes on when it is told to`() async throws {
    let (trial, _) = try await restored()
    let log = trial.service.log
    let starts = log.of(.started).count
    let daemon = Task { try await trial.service.run(.daemon, Disk()) }
    #expect(await comesTrue { log.of(.started).count > starts })
    let client = ControlClient(runtimeDirectory: trial.place.root + "/run")
    SampleSet(name: "thursday").drop(in: trial.place)
    let reply = try await Task.detached { try client.ask(.status, patience: 30) }.value
    guard case .status(let status) = reply else { Issue.record("no status"); return }
    #expect(status.advice.contains("older than the archive"), "\(status.advice)")
    let answer = try await Task.detached { try client.ask(.reconcile(assumeNew: true), patience: 30) }.value
    guard case .decided(let results) = answer else { Issue.record("\(answer)"); return }
    #expect(results.map(\.outcome) == [.done])
    #expect(await trial.service.log.tell(.journalReconciled))
    #expect(await trial.service.log.tell(.setArchived))
    daemon.cancel()
    _ = try await daemon.value
    #expect(trial.simulator.record.jobs.count == 4)
  }
}
