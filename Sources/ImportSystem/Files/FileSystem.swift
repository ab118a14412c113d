import Glibc

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
        detail:
          "it is a symbolic link, whose owner could redirect the daemon; name the directory itself"
      )
    }
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
