import ImportSystem
import Testing

@Suite struct EntryNameTests {
  @Test(arguments: ["", ".", "..", "/", "a/", "/a", "a/b", "a\0"])
  func `what can lead elsewhere is no single component`(name: String) {
    #expect(!EntryName(name).isSingleComponent)
    #expect(!EntryName(bytes: [0xff] + Array("/\(name)".utf8)).isSingleComponent)
  }

  @Test(arguments: ["a", ".a", "a.", "...", "..a", "é", "a b", "-"])
  func `every other name is one`(name: String) {
    #expect(EntryName(name).isSingleComponent)
    #expect(EntryName(bytes: [0xff] + Array(name.utf8)).isSingleComponent)
  }
}
