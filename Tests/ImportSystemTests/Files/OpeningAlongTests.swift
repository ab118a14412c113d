import Glibc
import ImportSystem
import Synchronization
import Testing

@Suite struct OpeningAlongTests {
  private let temporary: TemporaryDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    let names = ["a", "b", "c"]
    _ = try temporary.open().openOrMakeDirectories(names, mode: 0o750, for: "test")
    #expect(symlink("b", "\(temporary.path)/a/link") == 0)
  }

  /// Refuses the first opening, as a kernel that does not know the call does, or a sandbox that forbids it.
  private static func refusing(_ number: Int32?) -> FileSystem.Hook {
    let first = First()
    return { operation throws(SystemError) in
      guard let number, operation.purpose == "along", first.take() else { return }
      throw SystemError(failing: operation, errno: number)
    }
  }

  private final class First: Sendable {
    private let isTaken = Atomic<Bool>(false)
    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
  }

  @Test(arguments: [nil, ENOSYS, EPERM, EAGAIN])
  func `a folder is reached by several names`(errno number: Int32?) throws {
    let top = try temporary.open(hook: Self.refusing(number))
    let opened = try top.openDirectory(along: ["a", "b", "c"], for: "along")
    let stepwise = try temporary.open().openDirectory("a").openDirectory("b").openDirectory("c")
    #expect(try opened.ownStatus() == stepwise.ownStatus())
    #expect(opened.path == "\(temporary.path)/a/b/c")
  }

  @Test func `a symbolic link on the way is refused, as it is step by step`() throws {
    let top = try temporary.open()
    #expect(throws: SystemError.self) { try top.openDirectory(along: ["a", "link", "c"]) }
    #expect(throws: SystemError.self) { try top.openDirectory(along: ["a", "link"]) }
  }

  @Test(arguments: [nil, ENOSYS, EPERM, EAGAIN])
  func `a file is reached by several names`(errno number: Int32?) throws {
    try temporary.open().openDirectory(along: ["a", "b"]).store(
      [1, 2], as: "f", mode: 0o640, replacing: false, for: "test")
    let top = try temporary.open(hook: Self.refusing(number))
    let (file, status) = try top.openForReading(along: ["a", "b", "f"], for: "along")
    #expect(try file.readAll(atMost: 10) == [1, 2])
    #expect(try status == file.status())
    #expect(file.path == "\(temporary.path)/a/b/f")
  }

  /// Rows: what stands in the place of a file, and what is said about it.
  @Test(arguments: [
    ("link", "symbolic link"), ("pipe", "named pipe"), ("folder", "directory"), ("socket", "socket"),
  ])
  func `what is no regular file is refused, without waiting for it`(kind: String, words: String) throws {
    let path = "\(temporary.path)/a/b/\(kind)"
    switch kind {
    case "link":
      try temporary.open().store([1], as: "secret", mode: 0o640, replacing: false, for: "test")
      #expect(symlink("\(temporary.path)/secret", path) == 0)
    case "pipe": #expect(mkfifo(path, 0o600) == 0)
    case "socket": #expect(mknod(path, S_IFSOCK | 0o600, 0) == 0)
    default: #expect(mkdir(path, 0o700) == 0)
    }
    let top = try temporary.open()
    let error = #expect(throws: SystemError.self) {
      try top.openForReading(along: ["a", "b", kind], for: "along")
    }
    #expect(
      error?.description.contains("it is a \(words), not a regular file") == true,
      "\(String(describing: error))")
  }

  @Test(arguments: [nil, ENOSYS])
  func `a file beyond a symbolic link, or a missing one, is not opened`(errno number: Int32?) throws {
    try temporary.open().openDirectory(along: ["a", "b"]).store(
      [1], as: "f", mode: 0o640, replacing: false, for: "test")
    let top = try temporary.open(hook: Self.refusing(number))
    let error = #expect(throws: SystemError.self) {
      try top.openForReading(along: ["a", "link", "f"], for: "along")
    }
    #expect(error?.isNotDirectory == true)
    let missing = #expect(throws: SystemError.self) {
      try top.openForReading(along: ["a", "b", "g"], for: "along")
    }
    #expect(missing?.isMissing == true)
  }

  @Test(arguments: ["..", ".", "", "b/c"])
  func `what is not a single name is refused`(name: String) throws {
    let top = try temporary.open()
    #expect(throws: SystemError.self) { try top.openDirectory(along: ["a", name]) }
  }

  @Test func `what is missing is said to be missing`() throws {
    let top = try temporary.open()
    let error = #expect(throws: SystemError.self) { try top.openDirectory(along: ["a", "x", "c"]) }
    #expect(error?.isMissing == true)
  }
}
