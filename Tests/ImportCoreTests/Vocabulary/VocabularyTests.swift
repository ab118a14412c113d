import ImportCore
import Testing

@Suite struct VocabularyTests {
  private var random = SystemRandomNumberGenerator()

  @Test mutating func `a set id names its time and source, and can be read back`() throws {
    let moment = try #require(Timestamp("2026-11-24T07:05:12Z"))
    let source = try #require(SourceName("hr-main.2"))
    let id = SetID(completed: moment, source: source, using: &random)
    #expect(id.text.hasPrefix("20261124T070512Z-hr-main.2-"))
    let again = try #require(SetID(id.text))
    #expect(again == id)
    #expect(again.source == source)
    #expect(again.archiveDate == ("2026", "11", "24"))
    #expect(again.completed == moment)
  }

  @Test(arguments: [
    "", "x", "20261124T070512Z-hr", "20261124T070512Z--7f3k2m9q", "2026112xT070512Z-hr-7f3k2m9q",
    "20261124T070512Z-hr-7f3k2m9", "20261124T070512Z-hr-7F3K2M9Q", "20261124T070512Z-h/r-7f3k2m9q",
  ])
  func `what is not a set id is refused`(text: String) {
    #expect(SetID(text) == nil)
  }

  @Test(arguments: ["", ".hr", "-hr", "h r", "hr/x", "é", String(repeating: "a", count: 65)])
  func `what is not a source name is refused`(text: String) {
    #expect(SourceName(text) == nil)
  }

  @Test func `a time is written to the second for people and to the microsecond for the journal`() throws {
    let moment = Timestamp(microseconds: 1_795_503_912_000_042)
    #expect(moment.rfc3339 == "2026-11-24T07:05:12Z")
    #expect(moment.rfc3339Precise == "2026-11-24T07:05:12.000042Z")
    #expect(Timestamp(moment.rfc3339Precise) == moment)
  }

  @Test func `a digest is lower-case hexadecimal only`() {
    #expect(SHA256Digest(hex: String(repeating: "A", count: 64)) == nil)
    #expect(SHA256Digest(hex: String(repeating: "a", count: 63)) == nil)
    #expect(
      SHA256Digest(bytes: [UInt8](repeating: 0xab, count: 32)).hex == String(repeating: "ab", count: 32))
  }
}
