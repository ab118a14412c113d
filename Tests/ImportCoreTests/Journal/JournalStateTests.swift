import ImportCore
import Testing

@Suite struct JournalStateTests {
  private func record(_ entry: JournalEntry, _ sequence: Int64) -> JournalRecord {
    JournalRecord(sequence: sequence, synced: 0, time: Invented.start, entry: entry)
  }

  private func state(_ events: [DeliveryEvent], set: SetID = Invented.set) throws -> JournalState {
    var state = JournalState()
    for (index, event) in ([.claimBegun(claim: Invented.claim())] + events).enumerated() {
      try state.apply(record(.event(event, set: set), Int64(index + 1)))
    }
    return state
  }

  @Test(arguments: [[], [.claimed], Invented.untilBatch, Invented.untilIntended] as [[DeliveryEvent]])
  func `a set that may have to wait for others is in its source's queue`(events: [DeliveryEvent]) throws {
    #expect(try state(events).queues[Invented.source]?.sets == [Invented.set])
  }

  @Test(
    arguments: [
      [.claimWithdrawn(reason: "x")], [.rejected(reason: Reason("x"))], [.held(reason: Reason("x"))],
      Invented.untilIntended + [.scheduled(repeated: false)],
    ] as [[DeliveryEvent]])
  func `a set that others need not wait for is out of it`(events: [DeliveryEvent]) throws {
    #expect(try state(events).queues[Invented.source]?.sets == [])
  }

  @Test func `an archived set leaves the journal, and a held one stays`() throws {
    let end = Invented.untilIntended + [.scheduled(repeated: false), .archived]
    #expect(try state(end).deliveries.isEmpty)
    #expect(try state([.held(reason: Reason("x")), .filed]).deliveries.count == 1)
  }

  @Test func `the last event returns the set as it was then`() throws {
    var state = try state(Invented.untilIntended + [.scheduled(repeated: false)])
    let last = try state.apply(record(.event(.archived, set: Invented.set), state.sequence + 1))
    #expect(last?.stage == .finished)
    #expect(last?.batch == nil)
  }

  @Test func `the place in the queue is the sequence number of the claim`() throws {
    var state = JournalState(sequence: 40)
    try state.apply(record(.event(.claimBegun(claim: Invented.claim()), set: Invented.other), 41))
    try state.apply(record(.event(.claimBegun(claim: Invented.claim()), set: Invented.set), 42))
    #expect(state.queues[Invented.source]?.sets == [Invented.other, Invented.set])
    #expect(state.deliveries[Invented.other]?.arrival == 41)
  }

  @Test(arguments: [Int64(-1), 0, 1, 3, .max])
  func `a record that is not the next one is refused and changes nothing`(sequence: Int64) throws {
    var state = try state([])
    let before = state
    #expect(throws: Contradiction.self) {
      try state.apply(record(.event(.claimed, set: Invented.set), sequence))
    }
    #expect(state == before)
  }

  @Test func `an event that cannot follow changes nothing, not even the number`() throws {
    var state = try state([.claimed])
    let before = state
    #expect(throws: Contradiction.self) {
      try state.apply(record(.event(.archived, set: Invented.set), 3))
    }
    #expect(state == before)
  }

  @Test func `a snapshot says the same as all the records before it`() throws {
    var state = JournalState()
    let sets = [(Invented.set, Invented.untilIntended), (Invented.other, Invented.untilBatch)]
    for (set, events) in sets {
      for event in [.claimBegun(claim: Invented.claim())] + events {
        try state.apply(record(.event(event, set: set), state.sequence + 1))
      }
    }
    var server = ServerBreaker()
    _ = server.refused(.throttled, Reason("x"), key: "k", at: Invented.start)
    try state.apply(record(.server(server), state.sequence + 1))

    var again = JournalState(sequence: state.sequence)
    for entry in state.snapshot { try again.apply(record(entry, again.sequence + 1)) }
    #expect(again.deliveries == state.deliveries)
    #expect(again.queues == state.queues)
    #expect(again.server == server)
    #expect(again.histories == state.histories && state.histories.count == 1)
    #expect(state.snapshot.count == 4)
  }

  @Test func `the barriers are where the order of durability needs them`() {
    let durable = TransitionTests.alphabet.filter(\.mustBeDurable).map(\.name)
    #expect(
      Set(durable) == ["claimBegun", "scheduleIntended", "scheduled", "rejected", "held", "skipped"])
    for form in [SetForm.folder, .flat] {
      #expect(DeliveryEvent.claimBegun(claim: Invented.claim(form)).mustBeDurable)
    }
  }
}
