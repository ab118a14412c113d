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
    ("\(hex)   two", " two"), (#"\\#(hex)  a\\b\nc"#, "a\\b\nc"), ("\(hex.uppercased())  A", "A"),
  ])
  func `each form that sha256sum writes is read`(line: String, name: String) {
    let list = ChecksumList(Array((line + "\n").utf8))
    #expect(list.entries.map(\.name) == [name] && list.findings.isEmpty)
    #expect(list.entries.first?.digest.hex == Self.hex)
  }

  @Test(arguments: [
    "data.json", "\(hex) data.json", "\(hex)  ", "SHA256 (a) = \(hex)", "\(hex.dropLast())  a",
    #"\\#(hex)  a\x"#,
  ])
  func `any other line is a finding`(line: String) {
    let list = ChecksumList(Array("\(Self.hex)  a\n\(line)\n".utf8))
    #expect(list.findings.map(\.line) == [2] && list.entries.count == 1)
  }

  @Test func `a name with two digests is a finding`() {
    let other = String(repeating: "0", count: 64)
    let list = ChecksumList(Array("\(Self.hex)  a\n\(other)  a\n\(Self.hex)  b\n".utf8))
    #expect(list.findings.map(\.message) == ["'a' stands here with two digests"])
  }
}
