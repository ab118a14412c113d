import ImportCore
import Testing

/// Jobs whose ends are not known yet, as the journal keeps them.
@Suite struct OpenOutcomeTests {
  private static let job = OpenOutcome(
    set: Invented.set, batch: Invented.batch, server: Invented.server, mode: .import,
    scheduled: Invented.start)

  /// The journal after the life of a set until its batch is scheduled, and these entries.
  private func state(_ entries: JournalEntry...) throws -> JournalState {
    var state = JournalState()
    let life = [.claimBegun(claim: Invented.claim())] + Invented.untilIntended + [.scheduled(repeated: false)]
    for entry in life.map({ JournalEntry.event($0, set: Invented.set) }) + entries {
      try state.apply(
        JournalRecord(sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    return state
  }

  private func reread(_ state: JournalState) throws -> JournalState {
    var again = JournalState(sequence: state.sequence)
    for entry in state.snapshot {
      try again.apply(
        JournalRecord(sequence: again.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    return again
  }

  @Test func `a job is open from its record until it is settled, and survives a rewritten journal`() throws {
    var numbered = Self.job
    (numbered.number, numbered.newest) = (17, 19)
    let open = try state(.outcomeOpened(Self.job), .outcomeOpened(numbered))
    #expect(open.outcomes.ordered == [numbered])
    #expect(open.outcomes.job(of: Invented.set) == numbered)
    #expect(try reread(open).outcomes == open.outcomes)
    let settled = try state(
      .outcomeOpened(numbered), .outcomeSettled(SettledOutcome(numbered, JobOutcome(.imported, errors: 0))))
    #expect(settled.outcomes.jobs.isEmpty)
    #expect(try reread(settled).outcomes == settled.outcomes)
  }

  @Test func `a refused key is remembered in a rewritten journal`() throws {
    let stop = OutcomeReading.Stop(
      key: "5a1c", refusal: OutcomeRefusal(text: "a", remedy: "b"), since: Invented.start)
    let state = try state(.outcomeReading(OutcomeReading(stop: stop)))
    #expect(try reread(state).outcomes.reading.stops("5a1c"))
    #expect(!state.outcomes.reading.stops("other"))
  }

  @Test func `the trouble of a dry run is over when its import is found`() throws {
    var state = JournalState()
    let life =
      [.claimBegun(claim: Invented.claim())] + Invented.untilUploaded
      + [.scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: nil), .scheduled(repeated: false)]
    var job = Self.job
    job.mode = .dryRun
    let found = DeliveryEvent.foundScheduled(
      batch: Invented.nextBatch, server: Invented.server, mode: .import, thenApproval: false)
    let entries =
      life.map { JournalEntry.event($0, set: Invented.set) } + [
        .outcomeSettled(SettledOutcome(job, JobOutcome(.failed))), .event(found, set: Invented.set),
      ]
    for entry in entries {
      if case .event(found, _) = entry {
        #expect(state.histories[Invented.source]?.troubles?.map(\.state) == [.failed])
      }
      try state.apply(
        JournalRecord(sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    #expect(state.histories[Invented.source]?.troubles == nil)
  }

  @Test func `trouble is kept until a job ends without an error, and only the last hundred sets`() throws {
    func settle(_ state: OutcomeState, _ set: SetID) -> JournalEntry {
      var job = Self.job
      job.set = set
      return .outcomeSettled(SettledOutcome(job, JobOutcome(state)))
    }
    let troubled = try state(
      settle(.failed, Invented.set), settle(.unknown, Invented.other),
      settle(.importedWithErrors, Invented.other))
    let history = try #require(troubled.histories[Invented.source])
    #expect(history.troubles?.map(\.state) == [.failed, .importedWithErrors])
    #expect(try reread(troubled).histories == troubled.histories)
    let clean = try state(settle(.failed, Invented.set), settle(.imported, Invented.other))
    #expect(clean.histories[Invented.source]?.troubles == nil)
    var many = try state()
    for number in 0..<150 {
      let tail =
        "abcdef" + String(decoding: [number / 20, number % 20].map { SetID.tailAlphabet[$0] }, as: UTF8.self)
      let set = try #require(SetID("20261124T070513Z-hr-\(tail)"))
      try many.apply(
        JournalRecord(
          sequence: many.sequence + 1, synced: 0, time: Invented.start, entry: settle(.stuck, set)))
    }
    #expect(many.histories[Invented.source]?.troubles?.count == SourceHistory.mostTroubles)
  }

  @Test func `a clean import ends only the trouble that was known when it was scheduled`() throws {
    var state = JournalState()
    func settle(_ outcome: OutcomeState, _ set: SetID, scheduled: Int, known: Int) throws {
      var job = Self.job
      (job.set, job.scheduled) = (set, Invented.start.advanced(by: .seconds(scheduled)))
      try state.apply(
        JournalRecord(
          sequence: state.sequence + 1, synced: 0, time: Invented.start.advanced(by: .seconds(known)),
          entry: .outcomeSettled(SettledOutcome(job, JobOutcome(outcome)))))
    }
    for event in [DeliveryEvent.claimBegun(claim: Invented.claim()), .claimed] {
      try state.apply(
        JournalRecord(
          sequence: state.sequence + 1, synced: 0, time: Invented.start,
          entry: .event(event, set: Invented.set)))
    }
    // Only the end of the second job proves that the first one is stuck.
    try settle(.stuck, Invented.set, scheduled: 10, known: 100)
    try settle(.imported, Invented.other, scheduled: 20, known: 101)
    #expect(state.histories[Invented.source]?.troubles?.map(\.state) == [.stuck])
    try settle(.imported, Invented.other, scheduled: 100, known: 200)
    #expect(state.histories[Invented.source]?.troubles == nil)
  }

  @Test func `a clean dry run ends the trouble of dry runs, and not that of an import`() throws {
    func settle(_ state: OutcomeState, _ mode: ImportMode, _ set: SetID) -> JournalEntry {
      var job = Self.job
      (job.set, job.mode) = (set, mode)
      return .outcomeSettled(SettledOutcome(job, JobOutcome(state)))
    }
    let failed = try state(
      settle(.failed, .import, Invented.set), settle(.failed, .dryRun, Invented.other),
      settle(.checked, .dryRun, Invented.other))
    let history = try #require(failed.histories[Invented.source])
    #expect(history.troubles?.map(\.set) == [Invented.set])
    #expect(try reread(failed).histories == failed.histories)
    let imported = try state(
      settle(.failed, .dryRun, Invented.set), settle(.imported, .import, Invented.other))
    #expect(imported.histories[Invented.source]?.troubles == nil)
  }

  @Test func `a decision about a set ends its trouble`() throws {
    let reason = Reason("no")
    for decisions: [DeliveryEvent] in [
      [.approved(by: "ada")], [.rejected(reason: reason)],
      [.rejected(reason: reason), .filed, .discarded(by: "ada")],
    ] {
      var state = JournalState()
      func record(_ entry: JournalEntry) throws {
        try state.apply(
          JournalRecord(sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: entry))
      }
      let life =
        [DeliveryEvent.claimBegun(claim: Invented.claim())] + Invented.untilUploaded
        + [.scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false)]
      for event in life { try record(.event(event, set: Invented.set)) }
      var job = Self.job
      job.mode = .dryRun
      if decisions.count < 3 { try record(.outcomeSettled(SettledOutcome(job, JobOutcome(.failed)))) }
      #expect(decisions.count == 3 || state.histories[Invented.source]?.troubles?.count == 1)
      for event in decisions {
        // The dry run of a rejected set may fail later.
        if case .discarded = event {
          try record(.outcomeSettled(SettledOutcome(job, JobOutcome(.failed))))
          #expect(state.histories[Invented.source]?.troubles?.count == 1)
        }
        try record(.event(event, set: Invented.set))
      }
      #expect(state.histories[Invented.source]?.troubles == nil, "\(decisions)")
    }
  }

  @Test func `of several jobs of a set the last is found until it is settled`() throws {
    var later = Self.job
    (later.batch, later.scheduled) = (Invented.nextBatch, Invented.start.advanced(by: .seconds(9)))
    let both = try state(.outcomeOpened(later), .outcomeOpened(Self.job))
    #expect(both.outcomes.job(of: Invented.set) == later)
    #expect(both.outcomes.job(of: Invented.other) == nil)
    let one = try state(
      .outcomeOpened(later), .outcomeOpened(Self.job),
      .outcomeSettled(SettledOutcome(later, JobOutcome(.imported, errors: 0))))
    #expect(one.outcomes.job(of: Invented.set) == Self.job)
    #expect(try one.outcomes == state(.outcomeOpened(Self.job)).outcomes)
  }

  @Test func `a job is overdue after the timeout, and not because the clock was set back`() {
    let day = Duration.seconds(86_400)
    #expect(!Self.job.isOverdue(day, now: Invented.start.advanced(by: day - .seconds(1))))
    #expect(Self.job.isOverdue(day, now: Invented.start.advanced(by: day)))
    #expect(!Self.job.isOverdue(day, now: Timestamp(microseconds: .min)))
    #expect(Self.job.isOverdue(day, now: Timestamp(microseconds: .max)))
  }

  @Test func `pauses grow from two seconds to five minutes`() {
    #expect(
      [1, 2, 3, 8, 9, 10, 1_000_000].map(OutcomePause.after)
        == [2, 4, 8, 256, 300, 300, 300].map(Duration.seconds))
    #expect(OutcomePause.after(0) == .seconds(2))
  }

  @Test func `the end of a dry run follows the wait for approval and the approval, and nothing else`() throws
  {
    let outcome = JobOutcome(.checked, errors: 0, seen: Invented.start)
    let approving =
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
      ]
    let ended = DeliveryEvent.dryRunEnded(batch: Invented.batch, outcome: outcome)
    let waiting = try Invented.delivery().after(approving)
    #expect(try waiting.after(ended).dryRunOutcome == outcome)
    let approved = try waiting.after(.approved(by: "ada"))
    #expect(try approved.after(ended).dryRunOutcome == outcome)
    let importing = try Invented.delivery().after(Invented.untilIntended)
    #expect(throws: Contradiction.self) { try importing.after(ended) }
    #expect(throws: Contradiction.self) {
      try waiting.after(.dryRunEnded(batch: Invented.nextBatch, outcome: outcome))
    }
  }
}
