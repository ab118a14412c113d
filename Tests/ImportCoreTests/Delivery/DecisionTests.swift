import ImportCore
import Testing

@Suite struct DecisionTests {
  private let retry = DeliveryEvent.retried(by: "alice", importAgain: false)

  private func delivery(_ events: [DeliveryEvent]) throws -> Delivery {
    try events.reduce(Invented.delivery()) { try $0.after($1) }
  }

  private let uploaded: [DeliveryEvent] = [
    .claimed, Invented.inspected, Invented.created, .fileUploaded(key: "a"), .fileUploaded(key: "b"),
  ]

  @Test func `a rejected set starts anew in its old place`() throws {
    let before = try delivery([.claimed, .rejected(reason: Invented.reason), .filed])
    let after = try before.after(retry)
    #expect(after.next == .moveBack(from: .rejected))
    #expect(after.isQueued && after.arrival == before.arrival && after.attempts == before.attempts + 1)
    let returned = try after.after(.returned)
    #expect(returned.next == .inspect && returned.manifest == nil)
  }

  @Test func `a set in doubt is tried again only by somebody who knows`() throws {
    let held = try delivery(
      uploaded + [.scheduleIntended(mode: .import), .held(reason: Invented.reason), .filed])
    #expect(throws: Contradiction.self) { try held.after(retry) }
    let again = try held.after(.retried(by: "alice", importAgain: true))
    #expect(again.next == .moveBack(from: .held))
    let doubtful = try #require(held.heldInDoubt)
    #expect(again.heldInDoubt == nil && again.earlierBatches == [doubtful])
  }

  @Test func `the batch of a dry run stays known after a rejection and a retry`() throws {
    let waiting = try delivery(
      uploaded + [.scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false)])
    let dryRun = try #require(waiting.batch)
    for decision in [[], [DeliveryEvent.approved(by: "alice")]] {
      let rejected = try decision.reduce(waiting) { try $0.after($1) }
        .after(.rejected(reason: Invented.reason)).after(.filed)
      #expect(rejected.allBatches == [dryRun])
      let again = try rejected.after(retry)
      #expect(again.earlierBatches == [dryRun] && again.allBatches == [dryRun])
    }
  }

  @Test func `what is still moving or on its way cannot be tried again`() throws {
    for events in [[], [.claimed], uploaded, [.claimed, .rejected(reason: Invented.reason)]] {
      let delivery = try delivery(events)
      #expect(throws: Contradiction.self) { try delivery.after(.retried(by: "alice", importAgain: true)) }
    }
  }

  @Test func `a dry run is followed by nothing until a person has approved it`() throws {
    let waiting = try delivery(
      uploaded + [.scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false)])
    #expect(waiting.next == nil && !waiting.isQueued)
    #expect(waiting.state(now: Invented.start) == .awaitingApproval)
    let approved = try waiting.after(.approved(by: "alice"))
    #expect(approved.dryRunBatch == waiting.batch && approved.isQueued)
    #expect(approved.next == .createBatch)
    #expect(approved.intent(mode: .approve) == .scheduleIntended(mode: .import))
  }

  @Test func `what was approved is imported only if it is still the same`() throws {
    let approved = try delivery(
      uploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
        .approved(by: "alice"),
      ])
    let same = try approved.after(Invented.inspected)
    #expect(same.next == .createBatch)
    let changed = try approved.after(.inspected(manifest: Invented.manifest(content: 1)))
    guard case .hold = changed.next else {
      Issue.record("changed files must be held, not \(String(describing: changed.next))")
      return
    }
  }

  @Test func `only a dry run can await approval`() throws {
    let ready = try delivery(uploaded)
    #expect(throws: Contradiction.self) {
      try ready.after(.scheduleIntended(mode: .import, thenApproval: true))
    }
  }

  @Test func `a person may reject what is held or awaits approval, and never what is scheduled`() throws {
    let rejection = DeliveryEvent.rejected(reason: Reason("not wanted"))
    let held = try delivery([.claimed, .held(reason: Invented.reason), .filed])
    #expect(try held.after(rejection).next == .moveToRejected(reason: Reason("not wanted")))
    let waiting = try delivery(
      uploaded + [.scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false)])
    #expect(try waiting.after(rejection).next == .moveToRejected(reason: Reason("not wanted")))
    let doubtful = try delivery(uploaded + [.scheduleIntended(mode: .import)])
    #expect(throws: Contradiction.self) { try doubtful.after(rejection) }
    let scheduled = try doubtful.after(.scheduled(repeated: false))
    #expect(throws: Contradiction.self) { try scheduled.after(rejection) }
  }

  @Test func `the control of a source survives in the journal's snapshot`() throws {
    let source = try #require(SourceName("hr"))
    var state = JournalState()
    let control = SourceControl(pausedBy: "alice")
    try state.apply(
      JournalRecord(sequence: 1, synced: 0, time: Invented.start, entry: .source(source, control)))
    #expect(state.controls[source] == control)
    #expect(state.snapshot.contains(.source(source, control)))
    try state.apply(
      JournalRecord(sequence: 2, synced: 0, time: Invented.start, entry: .source(source, SourceControl())))
    #expect(state.controls.isEmpty)
  }
}
