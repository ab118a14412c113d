import FoundationEssentials
import ImportCore
import Testing

/// Record counts in journal and receipts, as literals that stay for good, next to what was written before they were kept.
@Suite struct GoldenCountTests {
  private static func manifest(_ counts: [Int64?]) -> Manifest {
    var manifest = Invented.manifest()
    for (index, count) in counts.enumerated() { manifest.files[index].content.records = count }
    return manifest
  }

  private static func scheduled(_ manifest: Manifest) throws -> (Delivery, SourceHistory) {
    var state = JournalState()
    let life: [DeliveryEvent] = [
      .claimBegun(claim: Invented.claim()), .claimed, .inspected(manifest: manifest), Invented.created,
      .fileUploaded(key: "a"), .fileUploaded(key: "b"), Invented.intended, .scheduled(repeated: false),
    ]
    for (index, event) in life.enumerated() {
      try state.apply(
        JournalRecord(
          sequence: Int64(index + 1), synced: 0, time: Invented.start, entry: .event(event, set: Invented.set)
        ))
    }
    return (try #require(state.deliveries[Invented.set]), try #require(state.histories[Invented.source]))
  }

  @Test func `a manifest has the number of records of each file that was counted`() throws {
    let event = DeliveryEvent.inspected(manifest: Self.manifest([22_134, nil]))
    let record = JournalRecord(
      sequence: 6, synced: 5, time: Invented.start, entry: .event(event, set: Invented.set))
    let text = Lines.textWithoutSum(of: record)
    let file = #""identity":{"changed":2,"device":2,"inode":7,"modified":1,"size":5},"#
    #expect(text.contains(#"{"file":"a.json",\#(file)"records":22134,"sha256":"#), "\(text)")
    #expect(text.contains(#"{"file":"b.tsv",\#(file)"sha256":"#))
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(text)[...]) == record)
    let older = text.replacing(#""records":22134,"#, with: "")
    #expect(
      JournalLine.decode(JournalRecord.self, Lines.summed(older)[...])?.entry
        == .event(Invented.inspected, set: Invented.set))
  }

  @Test func `the history has them, file by file for the last set and in all for each`() throws {
    let history = try Self.scheduled(Self.manifest([22_134, 8])).1
    #expect(history.lastSet?.records == 22_142)
    let text = Lines.textWithoutSum(of: history)
    let remembered = #""20261124T070512Z-hr-7f3k2m9q 1795503912000000 9e9c7720923c7b86fca3962bdafd69a2"#
    #expect(text.contains(remembered + #" 22142"]"#), "\(text)")
    #expect(text.contains(#"{"key":"a","records":22134,"sha256":"#))
    #expect(JournalLine.decode(SourceHistory.self, Lines.summed(text)[...]) == history)
    let older = text.replacing(#" 22142"]"#, with: #""]"#).replacing(#""records":22134,"#, with: "")
      .replacing(#""records":8,"#, with: "")
    let read = try #require(JournalLine.decode(SourceHistory.self, Lines.summed(older)[...]))
    #expect(read == (try Self.scheduled(Invented.manifest()).1) && read.lastSet?.records == nil)
    let wrong = text.replacing(#" 22142"]"#, with: #" many"]"#)
    #expect(JournalLine.decode(SourceHistory.self, Lines.summed(wrong)[...]) == nil)
  }

  @Test func `a receipt has them, and one without is read`() throws {
    let receipt = try #require(
      Receipt(Self.scheduled(Self.manifest([22_134, 8])).0, archived: Invented.start))
    #expect(receipt.files.map(\.records) == [22_134, 8] && receipt.control.records == nil)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(receipt), as: UTF8.self)
    #expect(text.contains(#"{"file":"a.json","key":"a","records":22134,"sha256":"#), "\(text)")
    #expect(try JSONDecoder().decode(Receipt.self, from: Data(text.utf8)) == receipt)
    let older = text.replacing(#""records":22134,"#, with: "").replacing(#""records":8,"#, with: "")
    let read = try JSONDecoder().decode(Receipt.self, from: Data(older.utf8))
    #expect(read.files.map(\.records) == [nil, nil])
  }

  /// Rows: the counts of some files, and the sum; one that does not fit is the largest that does.
  @Test(
    arguments: [
      ([nil], nil), ([3, nil], nil), ([], nil), ([0], 0), ([3, 4], 7), ([.max, 1], .max),
    ] as [([Int64?], Int64?)])
  func `a total is known only if each count is`(counts: [Int64?], total: Int64?) {
    #expect(Int64.total(counts) == total)
  }
}
