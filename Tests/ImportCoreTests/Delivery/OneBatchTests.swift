import ImportCore
import Testing

/// The rule that ``Delivery`` exists for, searched for exceptions: once a schedule call may have been made, no
/// sequence of events whatever leads to another batch.
@Suite struct OneBatchTests {
  /// Goes through all deliveries that `alphabet` can lead to within `depth` events, each once, and hands each
  /// move that is not refused to `body`.
  private func search(
    from start: Delivery, _ alphabet: [DeliveryEvent], depth: Int, _ body: (Delivery, Delivery) -> Void
  ) -> Int {
    var seen: Set<Delivery> = [start]
    var edge = [start]
    for _ in 0..<depth {
      var next: [Delivery] = []
      for delivery in edge {
        for event in alphabet {
          guard let after = try? delivery.after(event) else { continue }
          body(delivery, after)
          if seen.insert(after).inserted { next.append(after) }
        }
      }
      edge = next
    }
    return seen.count
  }

  /// The one batch that may have been scheduled, as far as the value itself says.
  private func scheduledBatch(_ delivery: Delivery) -> BatchID? {
    delivery.mayBeScheduled ? delivery.batch : delivery.heldInDoubt
  }

  @Test func `after the intent no event leads to another batch`() throws {
    let start = try Invented.delivery().after(Invented.untilIntended)
    let count = search(from: start, TransitionTests.alphabet, depth: 8) { before, after in
      #expect(after.batch == nil || after.batch == Invented.batch)
      #expect(scheduledBatch(before) == Invented.batch || after.stage == .finished)
      #expect(!after.orphans.contains(Invented.batch))
      if case .schedule(let batch, _) = after.next { #expect(batch == Invented.batch) }
      if case .createBatch = after.next { Issue.record("another batch would be made") }
    }
    #expect(count > 10)
  }

  @Test func `only the intent and the answer to it lead to a batch that may be scheduled`() throws {
    let start = try Invented.delivery(.claimed, Invented.inspected)
    var files = Set<Bool>()
    let count = search(from: start, Self.small, depth: 7) { before, after in
      if after.mayBeScheduled, !before.mayBeScheduled {
        guard case .uploading(let batch, let uploaded) = before.stage else {
          Issue.record("scheduled from '\(before.stage.name)'")
          return
        }
        #expect(after.batch == batch)
        #expect(Set(uploaded) == ["a", "b"])
        files.insert(true)
      }
      if let batch = scheduledBatch(before), after.stage != .finished {
        #expect(scheduledBatch(after) == batch)
      }
    }
    #expect(count > 500)
    #expect(files == [true])
  }

  /// Few events, so that the search goes deep.
  private static let small: [DeliveryEvent] = [
    Invented.created, Invented.createdNext, .fileUploaded(key: "a"), .fileUploaded(key: "b"),
    .batchAbandoned(reason: Invented.reason), .inspected(manifest: Invented.manifest(content: 1)),
    .scheduleIntended(mode: .import), .scheduled(repeated: false), .held(reason: Invented.reason),
    .rejected(reason: Invented.reason),
  ]

  @Test(arguments: 0..<40)
  func `a walk of any events schedules at most one batch and always ends`(seed: UInt64) throws {
    var random = SplitMix(seed)
    var delivery = try Invented.delivery()
    var asked: Set<BatchID> = []
    for _ in 0..<300 {
      if let event = TransitionTests.alphabet.randomElement(using: &random), isLikely(event, &random),
        let after = try? delivery.after(event)
      {
        delivery = after
      }
      if case .schedule(let batch, _) = delivery.next { asked.insert(batch) }
      if case .finished = delivery.stage { break }
    }
    #expect(asked.count <= 1)
    try finish(&delivery, &asked)
    #expect(asked.count <= 1)
  }

  /// What ends a life at once is made rare, so that walks go far.
  private func isLikely(_ event: DeliveryEvent, _ random: inout SplitMix) -> Bool {
    switch event {
    case .rejected, .held, .claimWithdrawn, .digestDiffered: Int.random(in: 0..<20, using: &random) == 0
    default: true
    }
  }

  /// From wherever a delivery stands, a server that takes everything brings it to an end in a few steps.
  private func finish(_ delivery: inout Delivery, _ asked: inout Set<BatchID>) throws {
    for _ in 0..<12 {
      guard let step = delivery.next else { return }
      if case .schedule(let batch, _) = step { asked.insert(batch) }
      delivery = try delivery.after(success(of: step))
    }
    Issue.record("no end: \(delivery.stage.name)")
  }

  private func success(of step: DeliveryStep) -> DeliveryEvent {
    switch step {
    case .finishClaim: .claimed
    case .inspect: Invented.inspected
    case .uploadControl: .controlUploaded(shared: false)
    case .createBatch: Invented.createdNext
    case .uploadFile(let key, _): .fileUploaded(key: key)
    case .intendSchedule: .scheduleIntended(mode: .import)
    case .schedule: .scheduled(repeated: true)
    case .hold(let reason): .held(reason: reason)
    case .wait: preconditionFailure("no deferral of these tests lasts")
    case .archive: .archived
    case .moveToRejected, .moveToHeld: .filed
    case .remove: .removed
    case .moveBack: .returned
    }
  }
}
