import Glibc
import Synchronization

/// The one door to files and directories, and the place where a test can make one exact call fail.
/// Every call that changes, syncs or opens something passes the hook first, with its purpose; what the
/// hook throws is what the caller sees, and the call is not made. Directories and files remember the
/// file system that opened them, so the hook goes wherever they go.
public struct FileSystem: Sendable {
  /// Looks at each operation before it is made. Throws to make it fail; may count, or end the process.
  public typealias Hook = @Sendable (FileOperation) throws(SystemError) -> Void

  let hook: Hook?
  /// Counts calls that failed because of a limit of this process or of the machine.
  public let limits = LimitCount()
  /// What every directory is said to lie on; nil: the kernel is asked.
  let kind: FileSystemKind?

  /// Opens the door; without a hook at the price of one comparison a call. With a `kind` everything is as if it lay on
  /// such a file system.
  public init(hook: Hook? = nil, kind: FileSystemKind? = nil) {
    self.hook = hook
    self.kind = kind
  }

  /// Opens a directory by its absolute path, symbolic links included: paths come from the administrator.
  public func openDirectory(_ path: String, for purpose: String = "look") throws(SystemError) -> Directory {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw SystemError(call: "open", object: quoted(path), errno: EINVAL, detail: "the path is not absolute")
    }
    let number = try perform(FileOperation(.open, for: purpose, on: path)) {
      unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    return Directory(owning: number, path: path, fileSystem: self)
  }

  /// Opens a directory by its absolute path, which must not end in a symbolic link (ELOOP): for directories in places where
  /// somebody else might put one.
  public func openItself(_ path: String, for purpose: String = "look") throws(SystemError) -> Directory {
    var path = path
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw SystemError(call: "open", object: quoted(path), errno: EINVAL, detail: "the path is not absolute")
    }
    do {
      let number = try perform(FileOperation(.open, for: purpose, on: path)) {
        unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      }
      return Directory(owning: number, path: path, fileSystem: self)
    } catch {
      var raw = stat()
      guard error.isNotDirectory, unsafe lstat(path, &raw) == 0, raw.st_mode & S_IFMT == S_IFLNK else {
        throw error
      }
      throw SystemError(
        call: "open", object: quoted(path), errno: ELOOP,
        detail: "it is a symbolic link, whose owner could redirect the daemon; name the directory itself")
    }
  }

  /// Asks what an open file or directory is now (fstat(2)).
  func status(of descriptor: Int32, for purpose: String, on path: String) throws(SystemError) -> FileStatus {
    var raw = stat()
    try perform(FileOperation(.statistics, for: purpose, on: path)) { unsafe fstat(descriptor, &raw) }
    return FileStatus(raw)
  }

  /// Passes the hook, then calls the system, with interrupted calls repeated and errors typed.
  @discardableResult
  func perform<Result: FixedWidthInteger & SignedInteger>(
    _ operation: @autoclosure () -> FileOperation, _ body: () -> Result
  ) throws(SystemError) -> Result {
    do throws(SystemError) {
      if let hook { try hook(operation()) }
      while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(failing: operation(), errno: code) }
      }
    } catch {
      limits.note(error)
      throw error
    }
  }
}

extension FileSystem {
  /// Opens a regular file by the path that an administrator wrote: symbolic links are followed, for such
  /// files are often links. Anything else is refused without waiting for it.
  public func openFile(_ path: String, for purpose: String = "read") throws(SystemError) -> OpenFile {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw SystemError(call: "open", object: quoted(path), errno: EINVAL, detail: "the path is not absolute")
    }
    let number = try perform(FileOperation(.open, for: purpose, on: path)) {
      unsafe open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    let file = OpenFile(owning: number, path: path, fileSystem: self)
    let kind = try file.status().kind
    guard kind == .regular else {
      throw SystemError(
        call: "open", object: quoted(path), errno: EINVAL,
        detail: "it is a \(kind.rawValue), not a regular file")
    }
    return file
  }

  /// Opens a directory by its absolute path, making it and its missing parents, durably, with `mode`.
  public func openOrMakeDirectory(_ path: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    do {
      return try openDirectory(path, for: purpose)
    } catch  where error.isMissing {
      let cut = path.lastIndex(of: "/") ?? path.startIndex
      let name = String(path[cut...].dropFirst())
      let parentPath = cut == path.startIndex ? "/" : String(path[..<cut])
      guard !name.isEmpty else { return try openOrMakeDirectory(parentPath, mode: mode, for: purpose) }
      return try openOrMakeDirectory(parentPath, mode: mode, for: purpose)
        .openOrMakeDirectory(name, mode: mode, for: purpose)
    }
  }

  /// Where a path really leads (realpath(3)): symbolic links are resolved as far as there is something, and
  /// what is not there yet is kept as it was written. Nil where that cannot be found out.
  public func resolved(_ path: String) -> String? {
    var existing = path
    var rest = ""
    while true {
      if let real = unsafe realpath(existing, nil) {
        defer { unsafe free(real) }
        let head = unsafe String(cString: real)
        return head == "/" && !rest.isEmpty ? rest : head + rest
      }
      guard errno == ENOENT, let slash = existing.lastIndex(of: "/"), existing != "/" else { return nil }
      rest = existing[slash...] + rest
      existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
    }
  }
}

/// The kind of file system on which a directory lies, as far as it matters for watching.
public struct FileSystemKind: Hashable, Sendable {
  /// Its name: `nfs`, or its magic number where that is all there is.
  public let name: String
  /// True if others can change it without this kernel's knowing: no events come, and no lease means anything.
  public let isRemote: Bool

  /// Describes a kind of file system by itself.
  public init(name: String, isRemote: Bool) {
    self.name = name
    self.isRemote = isRemote
  }

  init(magic: UInt32) {
    let known = Self.remote[magic]
    name = known ?? Self.local[magic] ?? "0x" + String(magic, radix: 16)
    isRemote = known != nil
  }

  // The numbers of linux/magic.h, and of file systems that keep theirs to themselves.
  private static let remote: [UInt32: String] = [
    0x6969: "nfs", 0x517B: "smb", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x6573_5546: "fuse",
    0x0102_1997: "9p", 0x00C3_6400: "ceph", 0x5346_414F: "afs", 0x6B41_4653: "afs", 0x7375_7245: "coda",
    0x564C: "ncp", 0x0BD0_0BD0: "lustre", 0x4750_4653: "gpfs", 0x0116_1970: "gfs2", 0x7461_636F: "ocfs2",
    0x786F_4256: "vboxsf", 0x1983_0326: "fhgfs",
  ]
  private static let local: [UInt32: String] = [
    0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs",
    0x794C_7630: "overlayfs", 0x2FC1_2FC1: "zfs",
  ]
}

/// Counts calls on files that failed because of a limit (EMFILE, ENFILE, ENOMEM), wherever the error went: a set that could
/// not be read for that reason must not count as one that is not there.
public final class LimitCount: Sendable {
  private let state = Mutex((count: 0, hasLeftWork: false))

  init() {}

  /// Number of calls that failed.
  public var count: Int { state.withLock { $0.count } }

  /// True once somebody has given up because of a limit.
  public var hasLeftWork: Bool {
    get { state.withLock { $0.hasLeftWork } }
    set { state.withLock { $0.hasLeftWork = newValue } }
  }

  func note(_ error: SystemError) {
    guard error.isLimit || error.errno == ENOMEM else { return }
    state.withLock { $0.count += 1 }
  }
}
