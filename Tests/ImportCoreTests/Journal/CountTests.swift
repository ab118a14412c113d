import ImportCore
import Testing

/// How many sets are in each state, counted along with every record.
@Suite struct CountTests {
  @Test func `the counts are those of the sets at every record and time`() throws {
    var state = JournalState()
    let later = Invented.start.advanced(by: .seconds(60))
    let failed = DeliveryEvent.attemptFailed(reason: Invented.reason, next: later, alone: false)
    let events =
      [.claimBegun(claim: Invented.claim())] + Invented.untilBatch + [
        failed, .fileUploaded(key: "a"), failed,
      ]
      + [.fileUploaded(key: "b"), Invented.intended, .scheduled(repeated: false), .archived]
    for event in events {
      try state.apply(
        JournalRecord(
          sequence: state.sequence + 1, synced: 0, time: Invented.start,
          entry: .event(event, set: Invented.set)))
      for now in [Invented.start, later] {
        let expected = state.deliveries.values.reduce(into: [:]) { $0[$1.state(now: now), default: 0] += 1 }
        #expect(state.counts(now: now) == expected, "\(event.name)")
      }
    }
    #expect(state.counts(now: later).isEmpty)
  }
}
