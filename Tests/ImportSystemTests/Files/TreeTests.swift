import Glibc
import ImportSystem
import Testing

@Suite struct TreeTests {
  private let temporary: TemporaryDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    let top = try temporary.open()
    for name in ["a", "b"] { try top.store([1], as: name, mode: 0o640, replacing: false, for: "test") }
    let inner = try top.makeDirectory("d", mode: 0o750, for: "test")
    for name in ["a", "e"] { try inner.store([1], as: name, mode: 0o640, replacing: false, for: "test") }
  }

  private func paths(_ directory: Directory) throws -> [String] {
    var paths: [String] = []
    try TreeWalk(directory).visit { paths.append($0.path) }
    return paths
  }

  @Test func `every entry is visited once, a folder before its content`() throws {
    #expect(try paths(temporary.open()) == ["a", "b", "d", "d/a", "d/e"])
  }

  @Test func `a link is visited and not followed`() throws {
    #expect(symlink("d", "\(temporary.path)/link") == 0)
    #expect(try paths(temporary.open()) == ["a", "b", "d", "link", "d/a", "d/e"])
  }

  @Test func `two Unicode forms of a name are two entries`() throws {
    for name in ["\u{e9}", "e\u{301}"] {
      try temporary.open().store([1], as: name, mode: 0o640, replacing: false, for: "test")
    }
    #expect(try paths(temporary.open()).count == 7)
  }

  @Test func `a folder that may not be read is told, and the others are visited`() throws {
    let top = try temporary.open { operation throws(SystemError) in
      if operation.kind == .open, operation.object.hasSuffix("/d") {
        throw SystemError(failing: operation, errno: EACCES)
      }
    }
    var refused: [SystemError] = []
    var paths: [String] = []
    try TreeWalk(top).visit(refused: { refused.append($0) }) { paths.append($0.path) }
    #expect(paths == ["a", "b", "d"] && refused.count == 1)
    try top.rewind()
    #expect(throws: SystemError.self) { try TreeWalk(top).visit { _ in } }
  }

  @Test func `folders nested deep need no more descriptors than flat ones`() throws {
    var path = temporary.path + "/d"
    for _ in 1...300 {
      path += "/d"
      mkdir(path, 0o755)
    }
    var most = 0
    try TreeWalk(temporary.open()).visit { _ in most = max(most, openDirectories()) }
    #expect((2...4).contains(most))
  }

  /// How many descriptors this process has in the temporary directory.
  private func openDirectories() -> Int {
    let prefix = Array(temporary.path.utf8)
    var target = [CChar](repeating: 0, count: 4096)
    return (0..<1024).count { number in
      let length = readlink("/proc/self/fd/\(number)", &target, target.count)
      return length >= prefix.count
        && target.prefix(prefix.count).elementsEqual(prefix.map(CChar.init(bitPattern:)))
    }
  }
}
