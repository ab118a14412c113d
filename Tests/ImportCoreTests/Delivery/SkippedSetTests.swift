import ImportCore
import Testing

/// The end of a set that was skipped.
@Suite struct SkippedSetTests {
  private let skip = DeliveryEvent.skipped(sameAs: Invented.other, mode: .import)

  @Test func `a skipped set goes to the archive and is done`() throws {
    let skipped = try Invented.delivery().after(Invented.untilUploaded + [skip])
    #expect(skipped.next == .archive && !skipped.isQueued && skipped.batch == nil)
    #expect(skipped.orphans == [Invented.batch])
    #expect(skipped.state(now: Invented.start) == .skipped)
    let done = try skipped.after(.archived)
    #expect(done.next == nil && done.state(now: Invented.start) == .skipped)
  }

  @Test func `its receipt says so`() throws {
    let skipped = try Invented.delivery().after([.claimed, Invented.inspected, skip])
    let receipt = try #require(Receipt(skipped, archived: Invented.start))
    #expect(receipt.result == "SKIPPED" && receipt.sameAs == Invented.other)
    #expect(receipt.batch == nil && receipt.scheduled == nil && receipt.server == nil)
    #expect(receipt.mode == .import && receipt.files.allSatisfy { $0.sha256Server == nil })
  }

  @Test func `what was approved is never skipped`() throws {
    let approved = try Invented.delivery().after(
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
        .approved(by: "ada"),
      ])
    #expect(throws: Contradiction.self) { try approved.after(skip) }
  }
}
