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
