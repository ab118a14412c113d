import ImportCore
import Testing

/// When a journal counts as older than the archive.
@Suite struct OutdatedJournalTests {
  private let later = Invented.start.advanced(by: .seconds(60))

  private func state(_ events: [DeliveryEvent]) throws -> JournalState {
    var state = JournalState()
    for event in events {
      try state.apply(
        JournalRecord(
          sequence: state.sequence + 1, synced: 0, time: Invented.start,
          entry: .event(event, set: Invented.set)))
    }
    return state
  }

  private func life(_ events: [DeliveryEvent]) -> [DeliveryEvent] {
    [.claimBegun(claim: Invented.claim())] + events
  }

  private func receipt(_ set: SetID = Invented.set, at time: Timestamp = Invented.start) -> ScheduledReceipt {
    ScheduledReceipt(set: set, scheduled: time)
  }

  @Test func `a receipt that is younger than the journal shows that the journal is old`() throws {
    let state = try state(life([.claimed]))
    let found = try #require(
      state.outdated(by: [receipt(Invented.other, at: later)], ended: Invented.start))
    #expect(found.set == Invented.other && found.scheduled == later && found.ended == Invented.start)
    #expect(found.text.contains(Invented.other.text))
    #expect(state.outdated(by: [receipt(Invented.other, at: Invented.start)], ended: later) == nil)
  }

  @Test(
    arguments: [
      ([.claimed], true), (Invented.untilIntended, true),
      (Invented.untilIntended + [.scheduled(repeated: false)], false),
      (Invented.untilIntended + [.scheduled(repeated: false), .archived], false),
      ([.claimed, .rejected(reason: Invented.reason), .filed], false),
    ] as [([DeliveryEvent], Bool)])
  func `so does the receipt of a set that the journal takes for unscheduled`(
    events: [DeliveryEvent], isOld: Bool
  ) throws {
    #expect((try state(life(events)).outdated(by: [receipt()], ended: later) != nil) == isOld)
  }

  @Test func `a set that is known to be scheduled shows nothing, though the clock was ahead then`() throws {
    let state = try state(life(Invented.untilIntended + [.scheduled(repeated: false), .archived]))
    #expect(state.outdated(by: [receipt(at: later)], ended: Invented.start) == nil)
  }

  @Test func `an archived set that a person wants imported again shows nothing`() throws {
    let state = try state([.reopened(claim: Invented.claim(), by: "ada")])
    #expect(state.outdated(by: [receipt()], ended: later) == nil)
  }

  @Test func `without any time in the journal nothing is concluded from times`() {
    #expect(JournalState().outdated(by: [receipt(at: later)], ended: nil) == nil)
  }

  @Test func `it is remembered, in snapshots too, until a person has decided`() throws {
    let found = OutdatedJournal(set: Invented.other, scheduled: later, ended: Invented.start)
    var state = JournalState()
    func apply(_ entry: JournalEntry) throws {
      try state.apply(
        JournalRecord(sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    try apply(.outdated(found))
    #expect(state.outdated == found && state.snapshot.contains(.outdated(found)))
    try apply(.source(Invented.source, SourceControl(pausedBy: "ada")))
    #expect(state.outdated == found)
    try apply(.reconciled(by: "ada"))
    #expect(state.outdated == nil && !state.snapshot.contains(.outdated(found)))
  }
}
