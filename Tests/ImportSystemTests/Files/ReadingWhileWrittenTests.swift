import Glibc
import ImportSystem
import Synchronization
import Testing

/// Files that somebody changes while they are read.
@Suite struct ReadingWhileWrittenTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  /// A directory in which the first read of a file comes after `change`, which gets the file's path.
  private func changing(_ change: @escaping @Sendable (String) -> Void) throws -> Directory {
    let isChanged = Atomic(false)
    return try temporary.open { operation throws(SystemError) in
      guard operation.kind == .read, !isChanged.exchange(true, ordering: .relaxed) else { return }
      change(operation.object)
    }
  }

  private func store(_ count: Int) throws {
    let bytes = [UInt8](repeating: 1, count: count)
    try temporary.open().store(bytes, as: "a", mode: 0o640, replacing: true, for: "test")
  }

  @Test(arguments: [100, 1 << 20, Int.max - 1])
  func `a file that grows between status and read is read to its new end`(limit: Int) throws {
    try store(10)
    let directory = try changing { path in unsafe truncate(path, limit == 100 ? 60 : 200_000) }
    if limit == 100 {
      #expect(try directory.readFile("a", atMost: limit).count == 60)
    } else {
      #expect(try directory.readFile("a", atMost: limit).count == 200_000)
    }
  }

  @Test func `a file that grows beyond the limit is too large`() throws {
    try store(10)
    let directory = try changing { path in unsafe truncate(path, 101) }
    #expect { try directory.readFile("a", atMost: 100) } throws: { ($0 as? SystemError)?.isTooLarge == true }
  }

  @Test func `a file that shrinks between status and read is read as far as it goes`() throws {
    try store(1000)
    let directory = try changing { path in unsafe truncate(path, 7) }
    #expect(try directory.readFile("a", atMost: 1000).count == 7)
  }
}
