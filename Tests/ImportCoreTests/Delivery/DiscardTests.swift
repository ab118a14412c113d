import ImportCore
import Testing

/// `discard` and `RejectedKeepSec=`: which sets may be forgotten, and when.
@Suite struct DiscardTests {
  private let discarded = DeliveryEvent.discarded(by: "ada")
  private let rejected: [DeliveryEvent] = [.claimed, .rejected(reason: Invented.reason), .filed]

  @Test func `a rejected set is forgotten once its folder is deleted`() throws {
    let doomed = try Invented.delivery().after(rejected).after(discarded)
    #expect(doomed.next == .remove(from: .rejected))
    #expect(!doomed.isQueued && doomed.state(now: Invented.start) == .rejected)
    let gone = try doomed.after(.removed)
    #expect(gone.stage == .finished && gone.next == nil)
  }

  @Test func `a held set can be forgotten too`() throws {
    let held = try Invented.delivery().after([.claimed, .held(reason: Invented.reason), .filed])
    let doomed = try held.after(discarded)
    #expect(doomed.next == .remove(from: .held) && doomed.state(now: Invented.start) == .held)
  }

  @Test(arguments: [
    [], [.claimed], Invented.untilIntended, Invented.untilIntended + [.scheduled(repeated: false)],
    [.claimed, .rejected(reason: Invented.reason)],
    [.claimed, .rejected(reason: Invented.reason), .filed, .discarded(by: "ada")],
  ])
  func `no other set can be`(events: [DeliveryEvent]) throws {
    let delivery = try Invented.delivery().after(events)
    #expect(throws: Contradiction.self) { try delivery.after(discarded) }
  }

  @Test func `a discarded set cannot be retried, and nothing is removed that was not discarded`() throws {
    let set = try Invented.delivery().after(rejected)
    #expect(throws: Contradiction.self) { try set.after(.removed) }
    let doomed = try set.after(discarded)
    #expect(throws: Contradiction.self) { try doomed.after(.retried(by: "ada", importAgain: true)) }
  }

  @Test func `a discarded set leaves the journal's state`() throws {
    var state = JournalState()
    var sequence: Int64 = 0
    for event in [.claimBegun(claim: Invented.claim())] + rejected + [discarded, .removed] {
      sequence += 1
      try state.apply(
        JournalRecord(
          sequence: sequence, synced: 0, time: Invented.start, entry: .event(event, set: Invented.set)))
    }
    #expect(state.deliveries.isEmpty && state.counts(now: Invented.start).isEmpty)
  }

  @Test func `a set counts as rejected from its rejection on, and not by a clock that was ahead`() throws {
    let set = try Invented.delivery().after(rejected)
    let later = Invented.start.advanced(by: Invented.day)
    #expect(set.isRejected(for: Invented.day, now: later))
    #expect(!set.isRejected(for: Invented.day, now: later.advanced(by: .seconds(-1))))
    #expect(!set.isRejected(for: Invented.day, now: Invented.start.advanced(by: .seconds(-100_000))))
    let held = try Invented.delivery().after([.claimed, .held(reason: Invented.reason), .filed])
    #expect(!held.isRejected(for: .zero, now: later))
  }
}
