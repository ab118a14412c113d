import ImportCore
import Testing

/// What makes a journal untrustworthy: nothing of it may be cut off, whatever stands at its end.
@Suite struct DamageTests {
  private static let start = Lines.journal([.claimed, Invented.inspected])

  private func damage(_ lines: [[UInt8]]) -> JournalDamage? {
    do throws(JournalDamage) {
      _ = try JournalReading(Array(lines.joined()))
      return nil
    } catch {
      return error
    }
  }

  private func line(_ text: String) -> [UInt8] { Lines.summed(text) + [UInt8(ascii: "\n")] }

  private static let unknown =
    #"{"event":{"blessed":{}},"seq":4,"set":"20261124T070512Z-hr-7f3k2m9q","synced":3,"time":"2026-11-24T07:05:12.000000Z"}"#

  @Test func `a newer format is refused by name, whatever else its header says`() {
    for text in [
      #"{"base":0,"format":2,"instance":"k7w2x9q4"}"#, #"{"format":2,"spool":{"name":"k7w2x9q4"}}"#,
    ] {
      let found = damage([line(text)] + Self.start.dropFirst())
      #expect(found == .newerFormat(2))
      #expect(found?.description.contains("format 2 was written by a newer haplo-importd") == true)
    }
  }

  @Test(arguments: [
    "", "\n", "{}\n", "hello\n", #"{"base":0,"format":1,"instance":"k7w2x9q4"}"# + "\n",
    #"{"base":0,"format":1,"instance":"k7w2x9q4","sum":"82960c6b"}"# + "\n",
  ])
  func `without a whole header it is no journal`(text: String) {
    #expect(damage([Array(text.utf8)] + Self.start.dropFirst()) == .noHeader)
  }

  @Test(arguments: [
    #"{"base":0,"format":0,"instance":"k7w2x9q4"}"#, #"{"base":0,"format":-1,"instance":"k7w2x9q4"}"#,
    #"{"base":0,"instance":"k7w2x9q4"}"#, #"{"base":0,"format":1}"#,
    #"{"base":0,"format":"1","instance":"x"}"#, #"{"base":-1,"format":1,"instance":"x"}"#,
    #"{"base":9223372036854775807,"format":1,"instance":"x"}"#,
  ])
  func `a header that says something else is none`(text: String) {
    #expect(damage([line(text)] + Self.start.dropFirst()) == .noHeader)
  }

  @Test func `a record by itself is no header`() {
    #expect(damage(Array(Self.start.dropFirst())) == .noHeader)
  }

  @Test(arguments: [
    unknown, #"{"seq":4}"#, #"{"base":0,"format":1,"instance":"k7w2x9q4"}"#,
    #"{"seq":4,"synced":3,"time":"2026-11-24T07:05:12.000000Z"}"#,
    #"{"note":"x","seq":4,"synced":3,"time":"2026-11-24T07:05:12.000000Z"}"#,
  ])
  func `a whole line of an unknown kind is damage, even the last one`(text: String) {
    let found = damage(Self.start + [line(text)])
    #expect(found == .unknownRecord(line: 5))
    #expect(found?.description.contains("a newer one may have written it") == true)
    #expect(damage(Self.start + [line(text), Lines.record(Invented.created, 5)]) == .unknownRecord(line: 5))
  }

  @Test func `an unknown line whose newline never came was never stored`() throws {
    let reading = try JournalReading(Array(Self.start.joined()) + Lines.summed(Self.unknown))
    #expect(reading.isTorn)
    #expect(reading.state.sequence == 3)
  }

  @Test func `an unknown line behind a torn one is judged by what it says was durable`() throws {
    let torn = Array("\0\0\0\n".utf8)
    #expect(damage(Self.start + [torn, line(Self.unknown)]) == nil)
    let durable = line(Self.unknown.replacing(#""synced":3"#, with: #""synced":4"#))
    #expect(damage(Self.start + [torn, durable]) == .badLine(5))
    #expect(damage(Self.start + [torn, line("{\"x\":1}")]) == .badLine(5))
  }

  @Test func `unknown members of a known record are ignored`() throws {
    let text =
      #"{"event":{"controlMissed":{}},"host":"x","seq":4,"set":"20261124T070512Z-hr-7f3k2m9q","synced":3,"time":"2026-11-24T07:05:12.000000Z"}"#
    let reading = try JournalReading(Array((Self.start + [line(text)]).joined()))
    #expect(reading.state.deliveries[Invented.set]?.stage == .prepared(controlMissing: true))
  }

  @Test(arguments: [
    (DeliveryEvent.archived, "'archived' cannot follow the state 'prepared'"),
    (.claimBegun(claim: Invented.claim()), "was claimed twice"),
  ])
  func `a whole line that cannot follow is damage, and says why`(event: DeliveryEvent, words: String) {
    guard case .contradiction(let line, let text) = damage(Self.start + [Lines.record(event, 4)]) else {
      Issue.record("no contradiction")
      return
    }
    #expect(line == 5)
    #expect(text.contains(words), "\(text)")
  }

  @Test func `an event of a set that nobody claimed is damage`() {
    let header = Self.start[0]
    guard case .contradiction(2, let text) = damage([header, Lines.record(.claimed, 1)]) else {
      Issue.record("no contradiction")
      return
    }
    #expect(text == "'claimed' of unknown set 20261124T070512Z-hr-7f3k2m9q")
  }
}
