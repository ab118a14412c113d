import ImportCore
import Testing

/// What is counted on the way, and what follows from the counts.
@Suite struct CountingTests {
  private static let failed = DeliveryEvent.attemptFailed(
    reason: Invented.reason, next: Invented.start, alone: false)

  private func inspected(_ content: UInt8) -> DeliveryEvent {
    .inspected(manifest: Invented.manifest(content: content))
  }

  private func isHeld(_ delivery: Delivery) -> Bool {
    if case .hold = delivery.next { true } else { false }
  }

  private static func answer(
    _ http: Int?, _ text: String = "x", alone: Bool = true, key: String? = "a"
  ) -> DeliveryEvent {
    .attemptFailed(
      reason: Reason(text, step: .file, key: key, http: http), next: Invented.start, alone: alone)
  }

  /// Pages of proxies have another number each time, so that texts do not matter.
  @Test func `the tenth identical answer while others pass is for a person, quoted`() throws {
    var delivery = try Invented.delivery().after(Invented.untilBatch)
    for count in 1...10 {
      #expect(!isHeld(delivery), "after \(count - 1)")
      delivery = try delivery.after(.batchAbandoned(reason: Invented.reason))
      delivery = try delivery.after(Self.answer(403, "page \(count)"))
      if count < 10 { delivery = try delivery.after(Invented.createdNext) }
    }
    guard case .hold(let reason) = delivery.next else { return #expect(Bool(false)) }
    #expect(reason.text == "page 10" && reason.http == 403 && reason.key == "a" && reason.remedy != nil)
  }

  /// Rows: what comes in between, and whether the count goes on after it.
  @Test(
    arguments: [
      (answer(403, alone: false), true), (answer(502, alone: false), true), (answer(502), false),
      (answer(403, key: "b"), false), (answer(nil), false), (.fileUploaded(key: "a"), false),
    ] as [(DeliveryEvent, Bool)])
  func `only the same answer counts, and only while others pass`(between: DeliveryEvent, goesOn: Bool) throws
  {
    let nine = Array(repeating: Self.answer(403), count: 9)
    let delivery = try Invented.delivery().after(Invented.untilBatch + nine + [between])
    #expect(!isHeld(delivery))
    #expect(isHeld(try delivery.after(Self.answer(403))) == goesOn)
  }

  @Test func `a server that is down for all is never the set's fault, and a retry begins anew`() throws {
    let many = Array(repeating: Self.answer(503, alone: false), count: 100)
    #expect(!isHeld(try Invented.delivery().after(Invented.untilBatch + many)))
    let ten = Array(repeating: Self.answer(403), count: 10)
    let retried = try Invented.delivery().after(
      Invented.untilBatch + ten + [.held(reason: Invented.reason), .filed]
        + [.retried(by: "x", importAgain: false), .returned])
    #expect(retried.repeatedAnswer == nil && !isHeld(retried))
  }

  @Test func `files that look otherwise but have the same bytes keep their batch`() throws {
    let touched = Invented.manifest(inode: 8)
    let delivery = try Invented.delivery().after(Invented.untilUploaded + [.inspected(manifest: touched)])
    #expect(delivery.stage == .uploading(batch: Invented.batch, uploaded: ["a", "b"]))
    #expect(delivery.manifest == touched)
    #expect(delivery.contentChanges == 0)
    #expect(delivery.orphans.isEmpty)
  }

  @Test func `other bytes need another batch, and the third time a person`() throws {
    var delivery = try Invented.delivery().after(Invented.untilBatch + [inspected(1)])
    #expect(delivery.orphans == [Invented.batch])
    #expect(delivery.next == .createBatch)
    delivery = try delivery.after(inspected(2))
    #expect(!isHeld(delivery))
    delivery = try delivery.after(inspected(3))
    #expect(delivery.contentChanges == 3)
    #expect(isHeld(delivery))
  }

  @Test(arguments: ["key", "order", "control"])
  func `other keys, another order and another control file are other content`(what: String) throws {
    var manifest = Invented.manifest()
    switch what {
    case "key": manifest.files[0].key = "c"
    case "order": manifest.files.reverse()
    default: manifest.control.sha256 = Invented.digest(9)
    }
    let delivery = try Invented.delivery().after(Invented.untilBatch + [.inspected(manifest: manifest)])
    #expect(delivery.contentChanges == 1)
    #expect(delivery.orphans == [Invented.batch])
  }

  @Test func `the fifth wrong digest is for a person, with the server's last words`() throws {
    let differed = DeliveryEvent.digestDiffered(reason: Invented.reason)
    var delivery = try Invented.delivery(.claimed, Invented.inspected)
    for count in 1...5 {
      #expect(!isHeld(delivery))
      delivery = try delivery.after([Invented.created, differed, Self.failed])
      #expect(delivery.wrongDigests == count)
      #expect(delivery.orphans.count == count)
    }
    guard case .hold(let reason) = delivery.next else {
      Issue.record("not held")
      return
    }
    #expect(reason.text == Invented.reason.text)
    #expect(reason.step == .file)
    #expect(reason.key == "a")
  }

  @Test func `a control file that arrives with another digest is counted without a batch`() throws {
    let delivery = try Invented.delivery(
      .claimed, Invented.inspected, .controlMissed, .digestDiffered(reason: Invented.reason))
    #expect(delivery.wrongDigests == 1)
    #expect(delivery.orphans.isEmpty)
    #expect(delivery.next == .uploadControl)
  }

  @Test func `every batch that is made ends as the scheduled one or as an orphan`() throws {
    let abandoned = DeliveryEvent.batchAbandoned(reason: Invented.reason)
    let delivery = try Invented.delivery().after(Invented.untilBatch + [abandoned, Invented.createdNext])
    #expect(delivery.orphans == [Invented.batch])
    #expect(delivery.batch == Invented.nextBatch)
    for end in [DeliveryEvent.rejected(reason: Invented.reason), .held(reason: Invented.reason)] {
      let left = try delivery.after(end)
      #expect(left.orphans == [Invented.batch, Invented.nextBatch])
      #expect(left.heldInDoubt == nil)
      #expect(left.batch == nil)
    }
  }

  @Test func `tries are counted, and failures in a row only until there is progress`() throws {
    var delivery = try Invented.delivery().after(Invented.untilBatch + [Self.failed, Self.failed])
    #expect(delivery.attempts == 3)
    #expect(delivery.failuresInRow == 2)
    delivery = try delivery.after(.fileUploaded(key: "a"))
    #expect(delivery.attempts == 3)
    #expect(delivery.failuresInRow == 0)
  }

  @Test func `going over old ground again is no progress`() throws {
    let abandoned = DeliveryEvent.batchAbandoned(reason: Invented.reason)
    var delivery = try Invented.delivery().after(Invented.untilBatch + [.fileUploaded(key: "a")])
    for round in 1...20 {
      delivery = try delivery.after([abandoned, Self.failed, Invented.createdNext, .fileUploaded(key: "a")])
      #expect(delivery.failuresInRow == round)
    }
    #expect(try delivery.after(.fileUploaded(key: "b")).failuresInRow == 0)
  }

  @Test func `other content begins the count of progress anew`() throws {
    let delivery = try Invented.delivery().after(Invented.untilUploaded + [Self.failed, inspected(1)])
    #expect(delivery.failuresInRow == 0)
    #expect(delivery.farthest == 2)
  }

  @Test func `uploads of a control file are counted for these bytes, shared ones not`() throws {
    let uploaded = DeliveryEvent.controlUploaded(shared: false)
    var delivery = try Invented.delivery(.claimed, Invented.inspected, .controlMissed, uploaded)
    #expect(delivery.controlUploads == 1)
    delivery = try delivery.after([.controlMissed, .controlUploaded(shared: true)])
    #expect(delivery.controlUploads == 1)
    delivery = try delivery.after(inspected(1))
    #expect(delivery.controlUploads == 1)
    var other = Invented.manifest(content: 1)
    other.control.sha256 = Invented.digest(9)
    #expect(try delivery.after(.inspected(manifest: other)).controlUploads == 0)
  }

  @Test func `times of the claim and of the answer are kept`() throws {
    let later = Invented.start.advanced(by: .seconds(5))
    let delivery = try Invented.delivery().after(Invented.untilIntended).after(
      .scheduled(repeated: false), at: later)
    #expect(delivery.claimedAt == Invented.start)
    #expect(delivery.scheduledAt == later)
    #expect(delivery.server == Invented.server)
  }

  @Test func `no count is larger than every reader of JSON can hold`() throws {
    let delivery = try Invented.delivery().after(Invented.untilIntended)
    #expect(delivery.farthest > 1_000_000)
    #expect(delivery.farthest < 1 << 31)
  }
}
