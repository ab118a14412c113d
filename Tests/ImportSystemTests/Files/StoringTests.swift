import Glibc
import ImportSystem
import Testing

@Suite struct StoringTests {
  private let temporary: TemporaryDirectory
  private let content = Array("content\n".utf8)

  init() throws { temporary = try TemporaryDirectory() }

  @Test func `a stored file is there whole, and nothing else is`() throws {
    let directory = try temporary.open()
    try directory.store(content, as: "a.json", mode: 0o640, replacing: false, for: "test")
    #expect(try directory.readFile("a.json", atMost: 100) == content)
    #expect(try temporary.names() == ["a.json"])
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `what root stores belongs to whom the directory belongs`() throws {
    #expect(unsafe chown(temporary.path, 64001, 64002) == 0)
    let directory = try temporary.open()
    try directory.store(content, as: "a", mode: 0o640, replacing: false, for: "test")
    let status = try #require(try directory.status("a"))
    #expect(status.owner == 64001)
    #expect(status.group == 64002)
  }

  @Test func `a name that is taken is replaced only on request`() throws {
    let directory = try temporary.open()
    try directory.store(content, as: "a", mode: 0o640, replacing: false, for: "test")
    #expect(throws: SystemError.self) {
      try directory.store([1], as: "a", mode: 0o640, replacing: false, for: "test")
    }
    #expect(try directory.readFile("a", atMost: 100) == content)
    try directory.store([1], as: "a", mode: 0o640, replacing: true, for: "test")
    #expect(try directory.readFile("a", atMost: 100) == [1])
    #expect(try temporary.names() == ["a"])
  }

  @Test(arguments: [FileOperation.Kind.create, .write, .sync, .rename])
  func `a failure before the rename leaves the old file and no other`(kind: FileOperation.Kind) throws {
    try temporary.open().store(content, as: "a", mode: 0o640, replacing: false, for: "test")
    let failing = try temporary.open { operation throws(SystemError) in
      if operation.kind == kind { throw SystemError(failing: operation, errno: ENOSPC) }
    }
    #expect(throws: SystemError.self) {
      try failing.store([1], as: "a", mode: 0o640, replacing: true, for: "test")
    }
    #expect(try temporary.open().readFile("a", atMost: 100) == content)
    #expect(try temporary.names() == ["a"])
  }

  @Test func `a temporary file that a crash left is no obstacle`() throws {
    let directory = try temporary.open()
    _ = try directory.createFile(".a.new", mode: 0o640, for: "test")
    try directory.store(content, as: "a", mode: 0o640, replacing: false, for: "test")
    #expect(try temporary.names() == ["a"])
  }

  @Test func `a copy has the same bytes and tells their digest`() throws {
    let directory = try temporary.open()
    let bytes = [UInt8](repeating: 7, count: 3 << 20)
    try directory.store(bytes, as: "a", mode: 0o640, replacing: false, for: "test")
    let digest = try directory.copy(directory.openForReading("a"), as: "b", mode: 0o640, for: "test")
    #expect(digest == SHA256.digest(of: bytes))
    #expect(try directory.readFile("b", atMost: 4 << 20) == bytes)
  }

  @Test func `what is put in place of another has exactly its mode, whatever the umask takes away`() throws {
    let directory = try temporary.open()
    try directory.store([1], as: "a", mode: 0o600, replacing: false, for: "test")
    try directory.replace([2], as: "a", mode: 0o666, for: "test")
    #expect(try directory.status("a")?.mode == 0o666)
    #expect(try directory.readFile("a", atMost: 10) == [2])
  }

  @Test func `a directory has one holder, who is named to the next`() throws {
    guard case .taken(let lock) = try DirectoryLock.take(FileSystem().openDirectory(temporary.path)) else {
      Issue.record("a fresh directory is free")
      return
    }
    guard case .busy(let process) = try DirectoryLock.take(FileSystem().openDirectory(temporary.path)) else {
      Issue.record("a held directory is busy")
      return
    }
    #expect(process == getpid())
    _ = consume lock
    guard case .taken = try DirectoryLock.take(FileSystem().openDirectory(temporary.path)) else {
      Issue.record("a directory that was let go is free")
      return
    }
  }
}
