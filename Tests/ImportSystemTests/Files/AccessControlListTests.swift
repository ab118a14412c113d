import ImportSystem
import Testing

@Suite struct AccessControlListTests {
  private typealias Entry = AccessControlList.Entry

  @Test
  func `a file without a list gets an entry for the user, and a mask that leaves the group what it has`() {
    var list = AccessControlList(mode: 0o640)
    list.grant(4, to: 1001)
    #expect(
      list.entries == [
        Entry(.owner, 6), Entry(.user, 4, id: 1001), Entry(.group, 4), Entry(.mask, 4), Entry(.other, 0),
      ])
  }

  @Test func `other entries stay, and the mask is widened by what is granted alone`() throws {
    var list = AccessControlList(mode: 0o750)
    list.grant(7, to: 1001)
    list.grant(5, to: 1000)
    let read = try #require(AccessControlList(list.bytes))
    #expect(read == list)
    #expect(
      read.entries == [
        Entry(.owner, 7), Entry(.user, 5, id: 1000), Entry(.user, 7, id: 1001), Entry(.group, 5),
        Entry(.mask, 7),
        Entry(.other, 0),
      ])
  }

  @Test func `an entry that is there keeps what it has`() {
    var list = AccessControlList(mode: 0o700)
    list.grant(1, to: 7)
    list.grant(4, to: 7)
    #expect(list.entries.contains(Entry(.user, 5, id: 7)) && list.entries.contains(Entry(.mask, 5)))
  }

  @Test func `the bytes are those of the kernel's version 2`() {
    var list = AccessControlList(mode: 0o600)
    list.grant(4, to: 0x0102)
    #expect(
      list.bytes == [2, 0, 0, 0] + [1, 0, 6, 0, 255, 255, 255, 255] + [2, 0, 4, 0, 2, 1, 0, 0]
        + [4, 0, 0, 0, 255, 255, 255, 255] + [16, 0, 4, 0, 255, 255, 255, 255]
        + [32, 0, 0, 0, 255, 255, 255, 255])
  }

  @Test(
    arguments: [[], [1, 0, 0, 0], [2, 0, 0, 0, 1], [2, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]])
  func `anything else is no list`(bytes: [UInt8]) { #expect(AccessControlList(bytes) == nil) }
}
