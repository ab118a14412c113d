import FoundationEssentials
import ImportCore
import Testing

@Suite struct ReceiptTests {
  private static let scheduled = DeliveryEvent.scheduled(repeated: false)
  private static let uploaded: [DeliveryEvent] = [.controlMissed, .controlUploaded(shared: false)]
  private let later = Invented.start.advanced(by: .seconds(60))

  private func receipt(_ events: [DeliveryEvent]) throws -> Receipt {
    let delivery = try Invented.delivery().after(events)
    return try #require(Receipt(delivery, archived: later))
  }

  @Test(arguments: TransitionTests.rows)
  func `only a scheduled or skipped set has one`(row: TransitionTests.Row) throws {
    let delivery = try Invented.delivery().after(row.events)
    #expect(
      (Receipt(delivery, archived: later) != nil) == ["scheduled", "skipped"].contains(row.testDescription))
  }

  @Test func `it says SCHEDULED, in which batch, and what the server had`() throws {
    let receipt = try receipt(Invented.untilIntended + [Self.scheduled])
    #expect(receipt.result == "SCHEDULED")
    #expect(receipt.batch == Invented.batch)
    #expect(receipt.mode == .import)
    #expect(receipt.server == Invented.server)
    #expect(receipt.files.map(\.key) == ["a", "b"])
    #expect(receipt.files.map(\.sha256Server) == receipt.files.map { Optional($0.sha256) })
    #expect(receipt.orphanedBatches.isEmpty)
    #expect(receipt.attempts == 1)
  }

  @Test func `the server's digest of the control file is there only if it was sent for this set`() throws {
    let skipped = try receipt(Invented.untilIntended + [Self.scheduled])
    #expect(skipped.control.sha256Server == nil)
    let events: [DeliveryEvent] = [.claimed, Invented.inspected] + Self.uploaded
    let rest: [DeliveryEvent] =
      [Invented.created, .fileUploaded(key: "a"), .fileUploaded(key: "b")] + [
        Invented.intended, Self.scheduled,
      ]
    #expect(try receipt(events + rest).control.sha256Server == Invented.digest(0xcc))
    var other = Invented.manifest()
    other.control.sha256 = Invented.digest(0xdd)
    #expect(try receipt(events + [.inspected(manifest: other)] + rest).control.sha256Server == nil)
  }

  @Test func `batches that were given up are in it`() throws {
    let events: [DeliveryEvent] =
      Invented.untilBatch + [
        .batchAbandoned(reason: Invented.reason),
        .attemptFailed(reason: Invented.reason, next: Invented.start, alone: false), Invented.createdNext,
        .fileUploaded(key: "a"), .fileUploaded(key: "b"), .scheduleIntended(mode: .dryRun), Self.scheduled,
      ]
    let receipt = try receipt(events)
    #expect(receipt.orphanedBatches == [Invented.batch])
    #expect(receipt.batch == Invented.nextBatch)
    #expect(receipt.attempts == 2)
    #expect(receipt.mode == .dryRun)
  }

  /// Archives outlive programs: what was written once must be read for good.
  @Test func `its JSON stays as it is`() throws {
    let receipt = try receipt(Invented.untilIntended + [Self.scheduled])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(String(decoding: try encoder.encode(receipt), as: UTF8.self) == Self.text)
    #expect(try JSONDecoder().decode(Receipt.self, from: Data(Self.text.utf8)) == receipt)
  }

  @Test func `a batch whose state is the only proof is told from one that the server confirmed`() throws {
    let confirmed = try [true, false].map { repeated in
      try receipt(Invented.untilIntended + [.scheduled(repeated: repeated)]).confirmed
    }
    #expect(confirmed == [.stateOnly, .scheduled])
  }

  @Test func `the JSON of a skipped set's stays as it is`() throws {
    let receipt = try receipt([
      .claimed, Invented.inspected, .skipped(sameAs: Invented.other, mode: .dryRun),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(receipt), as: UTF8.self)
    #expect(
      text.contains(
        #""mode":"dry-run","name":"export","orphanedBatches":[],"others":[],"result":"SKIPPED","#
          + #""sameAs":"20261124T070513Z-hr-abcdefgh","set":"20261124T070512Z-hr-7f3k2m9q","source":"hr"}"#))
    for member in ["batch", "scheduled", "server", "sha256Server"] {
      #expect(!text.contains("\"\(member)\""))
    }
    #expect(try JSONDecoder().decode(Receipt.self, from: Data(text.utf8)) == receipt)
  }

  @Test func `a receipt from before other files were listed is read too`() throws {
    let before = Self.text.replacing(#""others":[],"#, with: "")
      .replacing(#""confirmed":"scheduled","#, with: "")
    var receipt = try receipt(Invented.untilIntended + [Self.scheduled])
    (receipt.others, receipt.confirmed) = (nil, nil)
    #expect(try JSONDecoder().decode(Receipt.self, from: Data(before.utf8)) == receipt)
  }

  private static func file(_ name: String, _ byte: String, key: String) -> String {
    let digest = String(repeating: byte, count: 32)
    return #"{"file":"\#(name)","key":"\#(key)","sha256":"\#(digest)","sha256Server":"\#(digest)","size":5}"#
  }

  private static let text =
    #"{"archived":"2026-11-24T07:06:12.000000Z","attempts":1,"#
    + #""batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","claimed":"2026-11-24T07:05:12.000000Z","#
    + #""completed":"2026-11-24T07:05:12.000000Z","confirmed":"scheduled","control":{"file":"control.json","#
    + #""sha256":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","size":5},"files":["#
    + file("a.json", "aa", key: "a") + "," + file("b.tsv", "bb", key: "b")
    + #"],"form":"folder","mode":"import","name":"export","orphanedBatches":[],"others":[],"result":"SCHEDULED","#
    + #""scheduled":"2026-11-24T07:05:12.000000Z","server":"https://research.example.ac.uk","#
    + #""set":"20261124T070512Z-hr-7f3k2m9q","source":"hr"}"#
}
