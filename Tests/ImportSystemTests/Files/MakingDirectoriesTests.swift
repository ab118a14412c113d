import Glibc
import ImportSystem
import Synchronization
import Testing

@Suite struct MakingDirectoriesTests {
  private let temporary: TemporaryDirectory

  init() throws { temporary = try TemporaryDirectory() }

  /// Refuses what `RestrictSUIDSGID=` and a system call filter without `@chown` refuse.
  private static let sandbox: FileSystem.Hook = { operation throws(SystemError) in
    if operation.kind == .setMode { throw SystemError(failing: operation, errno: EPERM) }
  }

  @Test(arguments: [0o700, 0o750, 0o755, 0o2770, 0o777] as [UInt32])
  func `a directory has the mode that was asked for, whatever the umask`(mode: UInt32) throws {
    let made = try temporary.open().makeDirectory("a", mode: mode, for: "test")
    let status = try made.ownStatus()
    #expect(status.mode == mode)
    #expect(status.group == getegid())
  }

  @Test func `a setgid parent does not decide about the mode`() throws {
    #expect(chmod(temporary.path, 0o2755) == 0)
    let made = try temporary.open().makeDirectory("a", mode: 0o750, for: "test")
    #expect(try made.ownStatus().mode == 0o750)
  }

  @Test func `the system is not asked for what the parent has given`() throws {
    #expect(chmod(temporary.path, 0o2755) == 0)
    let made = try temporary.open(hook: Self.sandbox).makeDirectory("a", mode: 0o2700, for: "test")
    #expect(try made.ownStatus().mode == 0o2700)
  }

  @Test func `where setgid is forbidden and not given, nothing is left, and the remedy is told`() throws {
    let directory = try temporary.open(hook: Self.sandbox)
    let error = #expect(throws: SystemError.self) {
      try directory.openOrMakeDirectory("a", mode: 0o2770, for: "test")
    }
    #expect(error?.isPermission == true)
    #expect(error?.description.contains("with mode 2770 and the daemon as its owner") == true)
    #expect(try temporary.names() == [])
  }

  @Test func `nothing is left of a directory whose name could not be made durable`() throws {
    let directory = try temporary.open(hook: { operation throws(SystemError) in
      if operation.kind == .sync { throw SystemError(failing: operation, errno: EIO) }
    })
    #expect(throws: SystemError.self) { try directory.openOrMakeDirectory("a", mode: 0o750, for: "test") }
    #expect(throws: SystemError.self) {
      try directory.openOrMakeDirectories(["b", "c"], mode: 0o750, for: "test")
    }
    #expect(try temporary.names() == [])
  }

  @Test func `directories on the way are synced although they are there already`() throws {
    #expect(mkdir(temporary.path + "/a", 0o750) == 0 && mkdir(temporary.path + "/a/b", 0o750) == 0)
    let synced = Mutex<[String]>([])
    let directory = try temporary.open(hook: { operation throws(SystemError) in
      if operation.kind == .sync { synced.withLock { $0.append(operation.object) } }
    })
    _ = try directory.openOrMakeDirectories(["a", "b"], mode: 0o750, for: "test")
    #expect(synced.withLock { $0 } == [temporary.path, temporary.path + "/a"])
  }
}

/// A directory that belongs to the group of the one it is made in.
@Suite struct GroupDirectoryTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  @Test(.enabled(if: geteuid() == 0, "only root can give a directory to a foreign group"))
  func `it has the group that its parent hands down, which may read and write it`() throws {
    #expect(chown(place.path, uid_t.max, 4242) == 0 && chmod(place.path, 0o2770) == 0)
    let made = try place.open().openOrMakeGroupDirectory("shared", for: "test").ownStatus()
    #expect(made.group == 4242 && made.mode & 0o2770 == 0o2770)
  }

  @Test func `one that is there stays as it is, and a link is refused`() throws {
    #expect(mkdir(place.path + "/there", 0o700) == 0 && symlink("there", place.path + "/link") == 0)
    let there = try place.open().openOrMakeGroupDirectory("there", for: "test").ownStatus()
    #expect(there.mode & 0o777 == 0o700)
    #expect(throws: SystemError.self) { try place.open().openOrMakeGroupDirectory("link", for: "test") }
  }
}
