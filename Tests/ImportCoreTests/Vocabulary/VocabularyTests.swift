import ImportCore
import Testing

@Suite struct VocabularyTests {
  private var random = SystemRandomNumberGenerator()

  @Test func `control characters are those of Unicode's category, and no others`() {
    let all = (UInt32(0)...0x10_ffff).compactMap(Unicode.Scalar.init)
    #expect(all.allSatisfy { $0.isControl == ($0.properties.generalCategory == .control) })
  }

  @Test mutating func `the tails of ids use every letter in every place`() throws {
    let source = try #require(SourceName("hr"))
    var seen = [Set<UInt8>](repeating: [], count: SetID.tailLength)
    for _ in 0..<2000 {
      let id = SetID(completed: Timestamp(microseconds: 0), source: source, using: &random)
      for (place, letter) in id.text.utf8.suffix(SetID.tailLength).enumerated() { seen[place].insert(letter) }
    }
    #expect(seen.allSatisfy { $0 == Set(SetID.tailAlphabet) })
  }

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
    "20261124T070512Z-hr-7f3k2m9", "20261124T070512Z-7f3k2m9q", "20261124T070512Zxhr-7f3k2m9q",
    "20261124T070512Z-hrx7f3k2m9q", "20261124T070512Z-hr-7F3K2M9Q", "20261124T070512Z-h/r-7f3k2m9q",
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

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
    (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
    (-62_167_219_200_000_001, "00-1-12-31T23:59:59.999999Z"),
    (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    (253_402_300_800_000_000, "10000-01-01T00:00:00.000000Z"),
    (.min, "-290308-12-21T19:59:05.224192Z"), (.max, "294247-01-10T04:00:54.775807Z"),
  ])
  func `a time of a clock that is far off is written too`(microseconds: Int64, text: String) {
    #expect(Timestamp(microseconds: microseconds).rfc3339Precise == text)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.5Z", -500_000),
    ("2000-02-29T00:00:00Z", 951_782_400_000_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
    ("2026-11-24T07:05:12.48011399Z", 1_795_503_912_480_113),
    ("2100-12-31T23:59:59Z", 4_133_980_799_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
  ])
  func `a time is read to the microsecond`(text: String, microseconds: Int64) {
    #expect(Timestamp(text) == Timestamp(microseconds: microseconds))
  }

  @Test(arguments: [
    "", "2026-11-24", "2026-11-24T07:05:12", "2026-11-24 07:05:12Z", "2026-11-24T07:05:12+00:00",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-11-24T24:00:00Z", "2026-11-24T07:60:00Z", "2026-11-24T07:05:60Z", "2026-11-24T07:05:12.Z",
    "2026-11-24T07:05:12.1234567890Z", "2026-11-24T07:05:1xZ", "2026-11-24T07:05:12.12x456Z",
    "+026-11-24T07:05:12Z",
  ])
  func `what is not a time in UTC is refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `every day of four centuries is written and read back, one after the other`() throws {
    let first = try #require(Timestamp("1899-12-31T12:00:00Z"))
    var last = ""
    var wrong: [String] = []
    for day in 0..<146_500 {
      let moment = first.advanced(by: .seconds(86_400 * day))
      let text = moment.rfc3339
      if Timestamp(text) != moment || last >= text { wrong.append(text) }
      last = text
    }
    #expect(wrong == [])
    #expect(last == "2301-02-06T12:00:00Z")
  }

  @Test func `a digest is lower-case hexadecimal only`() {
    #expect(SHA256Digest(hex: String(repeating: "A", count: 64)) == nil)
    #expect(SHA256Digest(hex: String(repeating: "a", count: 63)) == nil)
    #expect(
      SHA256Digest(bytes: [UInt8](repeating: 0xab, count: 32)).hex == String(repeating: "ab", count: 32))
  }
}
