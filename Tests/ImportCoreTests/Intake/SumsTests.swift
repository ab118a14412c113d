import ImportCore
import Testing

@Suite struct SumsTests {
  private static let other = SHA256Digest(hex: String(repeating: "0", count: 64))!

  private func drop(sums: [String], digest: SHA256Digest = InventedDrop.digest) -> InventedDrop {
    var drop = InventedDrop()
    drop.putControl()
    drop.put("data.json")
    drop.put("readme")
    drop.putSums(sums, digest: digest)
    return drop
  }

  @Test func `digests that cover every named file and match end the waiting at once`() {
    var drop = drop(sums: ["data.json"])
    #expect(drop.verdict() == "complete data=data.json")
  }

  @Test func `digests that do not cover every named file must match, and leave the quiet time`() {
    var drop = drop(sums: ["readme"])
    #expect(drop.verdict().hasPrefix("until +5: "))
    drop.wait(5)
    #expect(drop.verdict() == "complete data=data.json")
    drop.putSums(["readme"], digest: Self.other)
    drop.wait(5)
    #expect(
      drop.verdict().hasPrefix("refused staff: SHA256SUMS does not match: staff/readme: error: its SHA-256"))
  }

  @Test func `a name is the same with any number of dots and slashes before it, and never empty`() {
    let list = ChecksumList(["a", "./a", "././a", "./", "././"].flatMap { "\(Self.other)  \($0)\n".utf8 })
    #expect(list.entries.map(\.name) == ["a", "a", "a"])
    #expect(list.findings.map(\.line) == [4, 5])
  }

  @Test func `a mismatch refuses only what is quiet`() {
    var drop = drop(sums: ["data.json"], digest: Self.other)
    #expect(drop.verdict().hasPrefix("until +5: "))
    drop.wait(5)
    #expect(drop.verdict().hasPrefix("refused staff: SHA256SUMS does not match"))
  }

  @Test func `nobody may write even where digests match`() {
    var drop = drop(sums: ["data.json"])
    drop.writers["data.json"] = .somebody
    #expect(drop.verdict() == "busy: staff/data.json: a program has it open for writing")
    #expect(!drop.asked.contains { if case .digests = $0 { true } else { false } })
  }

  @Test func `a listed file that is missing is waited for`() {
    var drop = drop(sums: ["data.json", "late.json"])
    #expect(drop.verdict() == "waiting: staff/late.json: SHA256SUMS lists it in line 2, but it is missing")
  }

  @Test func `a list that is none refuses the set when it is quiet`() {
    var drop = drop(sums: [])
    drop.put("SHA256SUMS", "what?\n")
    #expect(drop.verdict().hasPrefix("until +5: "))
    drop.wait(5)
    #expect(
      drop.verdict().hasPrefix(
        "refused staff: SHA256SUMS does not match: staff/SHA256SUMS:1:1: error: not a line"))
  }
}
