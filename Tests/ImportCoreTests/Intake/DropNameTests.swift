import ImportCore
import Testing

@Suite struct DropNameTests {
  @Test(arguments: [
    ".hidden", "a.tmp", "a.part", "a.partial", "a.filepart", "a.crdownload", "a~", "a.~lock", "data.json.~1~",
    ".",
    "~", ".~", "x..tmp", "é.part",
  ])
  func `temporary names are known`(name: String) { #expect(DropName.isTemporary(name)) }

  @Test(arguments: [
    "", "a", "tmp", "a.tmp.json", "a~b", "partial", "data.json", "a.tmp\u{301}", "a.TMP", "a~.", "x.ttmp",
  ])
  func `other names are not temporary`(name: String) { #expect(!DropName.isTemporary(name)) }

  @Test(arguments: ["", ".", "..", "a/b", "/", "../a", "a\nb", "a\0b", "a\u{7f}", "a\u{85}b"])
  func `names that may mean something else are not plain`(name: String) { #expect(!DropName.isPlain(name)) }

  @Test(arguments: ["a", "...", "a b", "é", "a\"b", "-rf", #"a\b"#])
  func `other names are plain`(name: String) { #expect(DropName.isPlain(name)) }
}

@Suite struct ChecksumListTests {
  private static let hex = String(repeating: "ab", count: 32)

  @Test(arguments: [
    ("\(hex)  data.json", "data.json"), ("\(hex) *data.json", "data.json"),
    ("\(hex)  ./data.json", "data.json"),
    ("\(hex)  data.json\r", "data.json"), ("\(hex)  sub/./a//b", "sub/a/b"),
    ("\(hex)   two", " two"), (#"\\#(hex)  a\\b\nc"#, "a\\b\nc"), ("\(hex.uppercased())  A", "A"),
  ])
  func `each form that sha256sum writes is read`(line: String, name: String) {
    let list = ChecksumList(Array((line + "\n").utf8))
    #expect(list.entries.map(\.name) == [name] && list.findings.isEmpty)
    #expect(list.entries.first?.digest.hex == Self.hex)
  }

  @Test(arguments: [
    "data.json", "\(hex) data.json", "\(hex)  ", "SHA256 (a) = \(hex)", "\(hex.dropLast())  a",
    #"\\#(hex)  a\x"#, "\(hex)  /srv/a", "\(hex)  ../a", "\(hex)  sub/../../a", "\(hex)  ..",
  ])
  func `any other line is a finding`(line: String) {
    let list = ChecksumList(Array("\(Self.hex)  a\n\(line)\n".utf8))
    #expect(list.findings.map(\.line) == [2] && list.entries.count == 1)
  }

  @Test func `litter that is listed is left out, and CR LF alone is an empty line`() {
    let list = ChecksumList(Array("\(Self.hex)  ./.DS_Store\r\n\r\n\(Self.hex)  a\r\n".utf8))
    #expect(list.entries.map(\.name) == ["a"] && list.findings.isEmpty)
  }

  @Test func `control characters of a name are escaped, and findings are limited`() {
    let line = "\(Self.hex)  /a\u{1b}[2J\n"
    let list = ChecksumList(Array(String(repeating: line, count: 5000).utf8))
    #expect(list.findings.first?.message.contains(#"'/a\x1B[2J' is an absolute path"#) == true)
    #expect(list.findings.count == 100)
  }

  @Test func `a name with two digests is a finding`() {
    let other = String(repeating: "0", count: 64)
    let list = ChecksumList(Array("\(Self.hex)  a\n\(other)  a\n\(Self.hex)  b\n".utf8))
    #expect(list.findings.map(\.message) == ["'a' is listed with two digests"])
  }
}
