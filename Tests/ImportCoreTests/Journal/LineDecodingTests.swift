import ImportCore
import Testing

/// How a line's JSON is read, apart from what the daemon itself writes: what an editor may make of it, and what is none.
@Suite struct LineDecodingTests {
  fileprivate struct Sample: Codable, Equatable {
    var text: String?
    var number: Int64?
    var size: UInt64?
    var flag: Bool?
    var list: [String]?
  }

  private func decode(_ text: String) -> Sample? {
    JournalLine.decode(Sample.self, Lines.summed(text)[...])
  }

  @Test(arguments: [
    (#"{"text":"a\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00"}"#, Sample(text: "a\"\\/\u{8}\u{c}\n\r\té\u{e9}😀")),
    (#"{"te\u0078t":"x"}"#, Sample(text: "x")), (#"{"text":"}\\"}"#, Sample(text: "}\\")),
    (#" { "text" : "x" , "list" : [ ] }"#, Sample(text: "x", list: [])),
    (
      #"{"text":null,"flag":false,"other":{"a":[1,{}]},"list":["a","b"]}"#,
      Sample(flag: false, list: ["a", "b"])
    ),
    (#"{"text":"first","text":"second"}"#, Sample(text: "first")),
    (#"{"number":-9223372036854775808,"size":18446744073709551615}"#, Sample(number: .min, size: .max)),
    (#"{"number":-0,"flag":true}"#, Sample(number: 0, flag: true)),
  ])
  fileprivate func `all that JSON allows is read`(text: String, sample: Sample) {
    #expect(decode(text) == sample)
  }

  @Test(arguments: [
    #"{"number":9223372036854775808}"#, #"{"number":-9223372036854775809}"#, #"{"size":-1}"#,
    #"{"number":18446744073709551616}"#, #"{"number":01}"#, #"{"number":"1"}"#, #"{"number":1.5}"#,
    #"{"number":-}"#, #"{"text":1}"#, #"{"flag":1}"#, #"{"list":{}}"#, #"{"list":[1]}"#,
    #"{"list":["a""b"]}"#,
    #"{"text":"\ud800"}"#, #"{"text":"\x"}"#, "{\"text\":\"\u{1}\"}", #"{"text":"x}"#, #"{"text":"x\"}"#,
    #"{"text" "x"}"#, #"{text:"x"}"#, #"{"text":}"#, #"{"text":nul}"#, #"{"a":[}"#, #"["text"}"#, #"}"#,
  ])
  func `all else is not`(text: String) {
    #expect(decode(text) == nil)
  }

  @Test func `nothing is nested deeper than anything that is read`() {
    let (most, more) = (String(repeating: "[", count: 511), String(repeating: "]", count: 511))
    #expect(decode(#"{"text":"x","a":\#(most)\#(more)}"#) == Sample(text: "x"))
    #expect(decode(#"{"text":"x","a":[\#(most)\#(more)]}"#) == nil)
  }

  @Test func `text that is not UTF-8 is no text`() {
    var line = Array(#"{"text":"?"}"#.utf8)
    #expect(decode(String(decoding: line, as: UTF8.self)) == Sample(text: "?"))
    line[9] = 0xff
    #expect(JournalLine.decode(Sample.self, Lines.summed(line)[...]) == nil)
    var unknown = Array(#"{"text":"x","oth?r":1}"#.utf8)
    unknown[16] = 0xeb
    #expect(JournalLine.decode(Sample.self, Lines.summed(unknown)[...]) == nil)
  }

  @Test func `the checksum holds for lines of every length`() {
    for length in 0..<40 {
      let line = Lines.summed(#"{"text":"\#(String(repeating: "x", count: length))"}"#)
      #expect(JournalLine.isIntact(line[...]))
      for at in line.indices {
        var other = line
        other[at] ^= 0x20
        #expect(!JournalLine.isIntact(other[...]), "\(length), \(at)")
      }
    }
  }
}
