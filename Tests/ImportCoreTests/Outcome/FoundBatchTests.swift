import ImportCore
import Testing

/// What a comparison with the server's list of batches settles.
@Suite struct FoundBatchTests {
  private static let found = DeliveryEvent.foundScheduled(
    batch: Invented.batch, server: Invented.server, mode: .import, thenApproval: false)
  private static let unproven = Reason("x", cause: .unproven)

  private func row(
    _ number: Int, _ comment: String, _ state: String = "complete", _ batch: BatchID = Invented.batch
  )
    throws -> BatchListRow
  {
    try #require(
      try BatchListRow([
        PageCell(
          link: "/do/haplo-data-import-batch/batch/\(number)", linkText: "\(batch.text.prefix(10))..."),
        PageCell(text: state), PageCell(text: "0"), PageCell(text: ""), PageCell(text: comment),
      ]))
  }

  @Test func `a held set without digests is read again and is scheduled then, with the batch that was found`()
    throws
  {
    var delivery = try Invented.delivery().after([.claimed, .held(reason: Self.unproven), .filed, Self.found])
    #expect(delivery.next == .moveBack(from: .held))
    delivery = try delivery.after([.returned])
    #expect(delivery.next == .inspect && delivery.mayBeScheduled)
    #expect(throws: Contradiction.self) { try delivery.after(.rejected(reason: Reason("x"))) }
    delivery = try delivery.after([Invented.inspected])
    #expect(delivery.stage == .scheduled(batch: Invented.batch, mode: .import))
    #expect(delivery.isStateOnly == true && delivery.server == Invented.server && delivery.next == .archive)
  }

  /// Nothing of what it failed at is left to be tried, and a move in the spool cannot be held.
  @Test func `a set that was held for its failures is moved back and scheduled all the same`() throws {
    var failing = try Invented.delivery().after(Invented.untilIntended)
    let refusal = Reason("refused", step: .schedule, http: 500)
    for _ in 0..<Delivery.sameAnswersBeforeHold {
      failing = try failing.after(
        .attemptFailed(reason: refusal, next: Timestamp(microseconds: 0), alone: true))
    }
    guard case .hold(let reason)? = failing.next else {
      throw Contradiction("it is not held: \(String(describing: failing.next))")
    }
    let found = try failing.after([.held(reason: reason), .filed, Self.found])
    #expect(found.next == .moveBack(from: .held))
    #expect(try found.after([.returned]).next == .inspect)
  }

  @Test func `a set in the queue whose files were read is scheduled at once, and its own batch is an orphan`()
    throws
  {
    let other = DeliveryEvent.foundScheduled(
      batch: Invented.nextBatch, server: Invented.server, mode: .dryRun, thenApproval: true)
    let delivery = try Invented.delivery().after(Invented.untilBatch + [other])
    #expect(delivery.stage == .awaitingApproval(dryRun: Invented.nextBatch))
    #expect(delivery.orphans == [Invented.batch])
  }

  @Test
  func `a set that awaits approval is scheduled if the list has its import, and not by another dry run`()
    throws
  {
    let awaiting = try Invented.delivery().after(
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
      ])
    func event(_ batch: BatchID, _ mode: ImportMode) -> DeliveryEvent {
      .foundScheduled(batch: batch, server: Invented.server, mode: mode, thenApproval: false)
    }
    for wrong in [event(Invented.batch, .import), event(Invented.nextBatch, .dryRun)] {
      #expect(throws: Contradiction.self) { try awaiting.after(wrong) }
    }
    let found = try awaiting.after(event(Invented.nextBatch, .import))
    #expect(found.stage == .scheduled(batch: Invented.nextBatch, mode: .import) && found.next == .archive)
    #expect(found.dryRunBatch == Invented.batch && found.orphans.isEmpty && found.isStateOnly == true)
    var search = BatchSearch([Invented.set])
    search.take(try row(9, "\(Invented.set)", "dry-run", Invented.nextBatch))
    search.take(try row(8, "\(Invented.set)", "dry-run"))
    #expect(search.row(of: awaiting) == nil)
    search.take(try row(7, "\(Invented.set)", "running", Invented.nextBatch))
    #expect(search.row(of: awaiting)?.number == 7)
  }

  @Test func `a set that may be scheduled keeps saying so when it cannot be read`() throws {
    let delivery = try Invented.delivery().after([
      .claimed, .held(reason: Self.unproven), .filed, Self.found, .returned, .held(reason: Reason("gone")),
    ])
    #expect(delivery.heldInDoubt == Invented.batch && delivery.needsImportAgain)
  }

  @Test func `a set of which the list has nothing is retried without more ado, once`() throws {
    let held = try Invented.delivery().after(Invented.untilIntended + [.held(reason: Reason("x")), .filed])
    #expect(held.needsImportAgain)
    #expect(throws: Contradiction.self) { try held.after(.retried(by: "ada", importAgain: false)) }
    let proven = try held.after(.foundUnscheduled)
    #expect(!proven.needsImportAgain && proven.orphans == [Invented.batch])
    #expect(throws: Contradiction.self) { try proven.after(.foundUnscheduled) }
    let again = try proven.after([.retried(by: "ada", importAgain: false), .returned, Invented.inspected])
    #expect(again.isProvenUnscheduled == nil && again.next == .createBatch)
  }

  @Test func `sets that are not in doubt cannot be settled`() throws {
    let delivery = try Invented.delivery().after(Invented.untilIntended + [.scheduled(repeated: false)])
    #expect(throws: Contradiction.self) { try delivery.after(Self.found) }
    #expect(throws: Contradiction.self) { try delivery.after(.foundUnscheduled) }
    let rejected = try Invented.delivery().after([.rejected(reason: Reason("x")), .filed])
    #expect(throws: Contradiction.self) { try rejected.after(Self.found) }
  }

  @Test func `a set's batch is found by its id anywhere in the comment, if it was scheduled`() throws {
    let delivery = try Invented.delivery()
    var search = BatchSearch([Invented.set, Invented.other])
    search.take(try row(9, "2026 of \(Invented.other)"))
    search.take(try row(8, "x\(Invented.set)y", "uploading"))
    search.take(try row(7, "é (\(Invented.set))", "error"))
    search.take(try row(6, "hr export \(Invented.set)"))
    search.take(try row(5, "20261124T070512Z-hr-7f3k2m9"))
    search.take(try row(4, ""))
    #expect(search.row(of: delivery)?.number == 7)
    #expect(search.rows[Invented.other]?.map(\.number) == [9])
  }

  @Test func `the batch that the journal knows goes before a newer one, and an approved dry run is another`()
    throws
  {
    let held = try Invented.delivery().after(Invented.untilIntended + [.held(reason: Reason("x")), .filed])
    var search = BatchSearch([Invented.set])
    search.take(try row(9, "\(Invented.set)", "complete", Invented.nextBatch))
    search.take(try row(8, "\(Invented.set)"))
    #expect(search.row(of: held)?.number == 8)
    let approved = try Invented.delivery().after(
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
        .approved(by: "ada"),
      ])
    var dryRunOnly = BatchSearch([Invented.set])
    dryRunOnly.take(try row(8, "\(Invented.set)", "dry-run"))
    #expect(dryRunOnly.row(of: approved) == nil)
  }
}
