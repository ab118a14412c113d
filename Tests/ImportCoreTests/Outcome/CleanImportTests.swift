import ImportCore
import Testing

/// `Mode=import-if-clean`: what follows from the result of a dry run.
@Suite struct CleanImportTests {
  private static func manifest(records: Int64?) -> Manifest {
    var manifest = Invented.manifest()
    manifest.files[0].content.records = records
    manifest.files[1].content.records = 0
    return manifest
  }

  /// A set whose dry run is scheduled.
  private static func waiting(records: Int64?, ifClean: Bool? = true) throws -> Delivery {
    try Invented.delivery().after([
      .claimed, .inspected(manifest: manifest(records: records)), Invented.created, .fileUploaded(key: "a"),
      .fileUploaded(key: "b"), .scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: ifClean),
      .scheduled(repeated: false),
    ])
  }

  private static func ended(_ state: OutcomeState, _ errors: Int64? = nil) -> DeliveryEvent {
    .dryRunEnded(batch: Invented.batch, outcome: JobOutcome(state, errors: errors, seen: Invented.start))
  }

  static let rows: [(OutcomeState, Int64?, Int64?, String)] = [
    (.checked, 0, 7, "imports 7"), (.checked, 0, 1, "imports 1"),
    (.checked, 0, 0, "the dry run ended without errors, but the set has no records"),
    (.checked, 0, nil, "the dry run ended without errors, but the set's records were not counted here"),
    (.checked, nil, 7, "the result of the dry run is unknown"),
    (.checked, 2, 7, "the result of the dry run is unknown"),
    (.checkedWithErrors, 2, 7, "the dry run ended with 2 errors"),
    (.failed, nil, 7, "the dry run failed on the server"),
    (.stuck, nil, 7, "the dry run is stuck on the server"),
    (.unknown, nil, 7, "the result of the dry run is unknown"),
    (.imported, 0, 7, "the result of the dry run is unknown"),
    (.importedWithErrors, 1, 7, "the result of the dry run is unknown"),
    (.pending, nil, 7, "the result of the dry run is unknown"),
  ]

  @Test(arguments: rows)
  func `only a checked batch with 0 errors and at least one record leads to an import`(
    state: OutcomeState, errors: Int64?, records: Int64?, words: String
  ) throws {
    let delivery = try Self.waiting(records: records).after(Self.ended(state, errors))
    let text =
      switch CleanImport(delivery) {
      case .imports(let count): "imports \(count)"
      case .person(let reason): reason
      case .waits: "waits"
      case nil: "nothing"
      }
    #expect(text == words)
    let approval = DeliveryEvent.approvedAsClean(records: records ?? 0)
    if text.hasPrefix("imports") {
      let approved = try delivery.after(approval)
      #expect(approved.next == .createBatch && approved.dryRunBatch == Invented.batch)
      #expect(approved.intent(mode: .importIfClean) == .scheduleIntended(mode: .import))
    } else {
      #expect(throws: Contradiction.self) { try delivery.after(approval) }
      // A person may still decide otherwise.
      #expect(try delivery.after(.approved(by: "ada")).next == .createBatch)
    }
  }

  @Test func `nothing is imported before the result, with another count, or where a person's word is wanted`()
    throws
  {
    let waiting = try Self.waiting(records: 7)
    #expect(CleanImport(waiting) == .waits)
    #expect(throws: Contradiction.self) { try waiting.after(.approvedAsClean(records: 7)) }
    let clean = try waiting.after(Self.ended(.checked, 0))
    #expect(throws: Contradiction.self) { try clean.after(.approvedAsClean(records: 8)) }
    let manual = try Self.waiting(records: 7, ifClean: nil).after(Self.ended(.checked, 0))
    #expect(CleanImport(manual) == nil)
    #expect(throws: Contradiction.self) { try manual.after(.approvedAsClean(records: 7)) }
  }

  @Test func `the intent says under which rule the dry run is made`() throws {
    let delivery = try Invented.delivery().after(Invented.untilUploaded)
    #expect(
      delivery.intent(mode: .importIfClean)
        == .scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: true))
    #expect(delivery.intent(mode: .approve) == .scheduleIntended(mode: .dryRun, thenApproval: true))
  }
}
