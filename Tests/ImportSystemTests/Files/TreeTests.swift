import Glibc
import ImportSystem
import Synchronization
import Testing

@Suite struct TreeTests {
  private let temporary: TemporaryDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    let top = try temporary.open()
    for name in ["a", "b", "c"] { try top.store([1], as: name, mode: 0o640, replacing: false, for: "test") }
    let inner = try top.makeDirectory("d", mode: 0o750, for: "test")
    for name in ["a", "e"] { try inner.store([1], as: name, mode: 0o640, replacing: false, for: "test") }
  }

  @Test func `files that are known are left out and not looked at, elsewhere they are listed`() throws {
    let looked = Mutex<[String]>([])
    let top = try temporary.open { operation in
      if operation.kind == .statistics { looked.withLock { $0.append(operation.object) } }
    }
    #expect(try top.treeOnce(leavingOut: ["a", "b"]).map(\.path) == ["c", "d/a", "d/e"])
    let paths = ["c", "d", "d/a", "d/e"].map { "\(temporary.path)/\($0)" }
    #expect(looked.withLock { $0 }.sorted() == paths)
  }

  @Test func `what is in a directory that has the name of a known file is listed`() throws {
    #expect(try temporary.open().treeOnce(leavingOut: ["a", "d"]).map(\.path) == ["b", "c", "d/a", "d/e"])
  }

  @Test func `a link that has the name of a known file is left out`() throws {
    #expect(symlink("a", "\(temporary.path)/link") == 0)
    let paths = try temporary.open().treeOnce(leavingOut: ["link"]).map(\.path)
    #expect(paths == ["a", "b", "c", "d/a", "d/e"])
  }
}
