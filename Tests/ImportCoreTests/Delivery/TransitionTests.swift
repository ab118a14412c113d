import ImportCore
import Testing

/// The whole table of stages and events: what may follow what, and where it leads. Whatever is not in the table
/// is refused and changes nothing.
@Suite struct TransitionTests {
  typealias Stage = DeliveryStage

  /// A stage that a set can stand in, how it comes there, and every event that may follow.
  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var events: [DeliveryEvent]
    var moves: [(DeliveryEvent, Stage)]
  }

  private static let reason = Invented.reason
  private static let failed = DeliveryEvent.attemptFailed(reason: reason, next: Invented.start, alone: false)
  private static let changed = DeliveryEvent.inspected(manifest: Invented.manifest(content: 0xdd))
  private static let rejected = (
    DeliveryEvent.rejected(reason: reason), Stage.rejected(reason: reason, filed: false)
  )
  private static let held = (DeliveryEvent.held(reason: reason), Stage.held(reason: reason, filed: false))
  private static let skipped = (
    DeliveryEvent.skipped(sameAs: Invented.other, mode: .import), Stage.skipped(mode: .import)
  )
  private static let prepared = Stage.prepared(controlMissing: false)

  /// Every event there is, those with a value that decides more than once.
  static let alphabet: [DeliveryEvent] = [
    .claimBegun(claim: Invented.claim()), .claimed, .claimWithdrawn(reason: "gone"), Invented.inspected,
    changed,
    .controlMissed, .controlUploaded(shared: false), .controlUploaded(shared: true), Invented.created,
    Invented.createdNext, .fileUploaded(key: "a"), .fileUploaded(key: "b"), .fileUploaded(key: "nobody"),
    .batchAbandoned(reason: reason), .digestDiffered(reason: reason), failed,
    .scheduleIntended(mode: .import), .scheduleIntended(mode: .dryRun), .scheduled(repeated: false),
    .scheduled(repeated: true), .archived, rejected.0, held.0, .filed,
    skipped.0,
  ]

  private static func uploading(_ keys: String...) -> Stage {
    .uploading(batch: Invented.batch, uploaded: keys)
  }
  private static func inDoubt(_ mode: ImportMode) -> Stage { .inDoubt(batch: Invented.batch, mode: mode) }
  private static let scheduled = Stage.scheduled(batch: Invented.batch, mode: .import)

  private static let ofPrepared: [(DeliveryEvent, Stage)] = [
    (changed, prepared), (.controlMissed, .prepared(controlMissing: true)),
    (.controlUploaded(shared: false), prepared), (.controlUploaded(shared: true), prepared),
    (Invented.created, uploading()),
    (Invented.createdNext, .uploading(batch: Invented.nextBatch, uploaded: [])), rejected, held, skipped,
  ]

  /// What may follow at any point of an upload: it is given up, or the set leaves the queue.
  private static let ofUploading: [(DeliveryEvent, Stage)] = [
    (changed, prepared), (.batchAbandoned(reason: reason), prepared),
    (.digestDiffered(reason: reason), prepared), rejected, held, skipped,
  ]

  static let rows: [Row] = [
    Row(
      testDescription: "claiming", events: [],
      moves: [
        (.claimed, .claimed), (.claimWithdrawn(reason: "gone"), .finished), (failed, .claiming), rejected,
        held,
      ]),
    Row(
      testDescription: "claimed", events: [.claimed],
      moves: [(Invented.inspected, prepared), (changed, prepared), (failed, .claimed), rejected, held]),
    Row(
      testDescription: "prepared", events: [.claimed, Invented.inspected],
      moves: ofPrepared + [
        (Invented.inspected, prepared), (.digestDiffered(reason: reason), prepared), (failed, prepared),
      ]),
    Row(
      testDescription: "prepared, control file missing",
      events: [.claimed, Invented.inspected, .controlMissed],
      moves: ofPrepared + [
        (Invented.inspected, .prepared(controlMissing: true)),
        (.digestDiffered(reason: reason), .prepared(controlMissing: true)),
        (failed, .prepared(controlMissing: true)),
      ]),
    Row(
      testDescription: "uploading, no file yet", events: Invented.untilBatch,
      moves: ofUploading + [
        (Invented.inspected, uploading()), (.fileUploaded(key: "a"), uploading("a")),
        (.fileUploaded(key: "b"), uploading("b")), (failed, uploading()),
      ]),
    Row(
      testDescription: "uploading, one file", events: Invented.untilBatch + [.fileUploaded(key: "a")],
      moves: ofUploading + [
        (Invented.inspected, uploading("a")), (.fileUploaded(key: "b"), uploading("a", "b")),
        (failed, uploading("a")),
      ]),
    Row(
      testDescription: "uploading, all files", events: Invented.untilUploaded,
      moves: ofUploading + [
        (Invented.inspected, uploading("a", "b")), (failed, uploading("a", "b")),
        (.scheduleIntended(mode: .import), inDoubt(.import)),
        (.scheduleIntended(mode: .dryRun), inDoubt(.dryRun)),
      ]),
    Row(
      testDescription: "in doubt", events: Invented.untilIntended,
      moves: [
        (.scheduled(repeated: false), scheduled), (.scheduled(repeated: true), scheduled),
        (failed, inDoubt(.import)), held,
      ]),
    Row(
      testDescription: "scheduled", events: Invented.untilIntended + [.scheduled(repeated: false)],
      moves: [(.archived, .finished), held]),
    Row(
      testDescription: "rejected", events: [.claimed, rejected.0],
      moves: [(.filed, .rejected(reason: reason, filed: true))]),
    // The folder is found in work/ again after an old journal was put back.
    Row(testDescription: "rejected and filed", events: [.claimed, rejected.0, .filed], moves: [held]),
    Row(
      testDescription: "held", events: [.claimed, held.0],
      moves: [(.filed, .held(reason: reason, filed: true))]),
    // A person may give up what is held, and its folder may be found in work/ as well.
    Row(
      testDescription: "held and filed", events: [.claimed, held.0, .filed],
      moves: [(.rejected(reason: reason), .rejected(reason: reason, filed: false)), held]),
    Row(
      testDescription: "skipped", events: [.claimed, Invented.inspected, skipped.0],
      moves: [(.archived, .finished), held]),
    Row(
      testDescription: "archived", events: Invented.untilIntended + [.scheduled(repeated: false), .archived],
      moves: []),
    Row(testDescription: "withdrawn", events: [.claimWithdrawn(reason: "gone")], moves: []),
  ]

  @Test(arguments: rows)
  func `each event that may follow leads where it should`(row: Row) throws {
    let delivery = try Invented.delivery().after(row.events)
    for (event, stage) in row.moves {
      #expect(try delivery.after(event).stage == stage, "\(event.name)")
    }
  }

  @Test(arguments: rows)
  func `each other event is refused and changes nothing`(row: Row) throws {
    let delivery = try Invented.delivery().after(row.events)
    for event in Self.alphabet where !row.moves.contains(where: { $0.0 == event }) {
      var copy = delivery
      #expect(throws: Contradiction.self, "\(event.name)") { try copy.apply(event, at: Invented.start) }
      #expect(copy == delivery, "\(event.name)")
    }
  }

  @Test func `every event may follow somewhere but the one that begins a life`() {
    let moving = Set(Self.rows.flatMap { $0.moves.map(\.0) })
    let never = Self.alphabet.filter { !moving.contains($0) }
    #expect(never == [.claimBegun(claim: Invented.claim()), .fileUploaded(key: "nobody")])
  }

  @Test func `a refusal names the set, the event and the state`() throws {
    var delivery = try Invented.delivery().after(Invented.untilIntended)
    let refusal = #expect(throws: Contradiction.self) {
      try delivery.apply(Invented.createdNext, at: Invented.start)
    }
    #expect(
      refusal?.description
        == "set 20261124T070512Z-hr-7f3k2m9q: 'batchCreated' cannot follow the state 'inDoubt'")
  }

  @Test func `an upload counts only for a key of the manifest, and once`() throws {
    let delivery = try Invented.delivery().after(Invented.untilBatch + [.fileUploaded(key: "a")])
    for key in ["a", "nobody", "", "A"] {
      #expect(throws: Contradiction.self, "\(key)") { try delivery.after(.fileUploaded(key: key)) }
    }
  }

  @Test func `nothing is intended before every file is there`() throws {
    let delivery = try Invented.delivery().after(Invented.untilBatch + [.fileUploaded(key: "b")])
    #expect(throws: Contradiction.self) { try delivery.after(Invented.intended) }
    #expect(try delivery.after([.fileUploaded(key: "a"), Invented.intended]).mayBeScheduled)
  }

  @Test func `a set without data files goes from its batch to the intent`() throws {
    let empty = Manifest(control: Invented.file("control.json", 1), files: [])
    let delivery = try Invented.delivery(.claimed, .inspected(manifest: empty), Invented.created)
    #expect(delivery.next == .intendSchedule(batch: Invented.batch))
    #expect(try delivery.after(Invented.intended).mayBeScheduled)
  }
}
