import CLinux
import Glibc

/// An open directory, against whose descriptor all its entries are opened, renamed and removed, so that
/// no link and no rename higher up can lead a name elsewhere. Names are single components (not empty,
/// not `.` or `..`, without `/` and NUL); any other is refused with EINVAL before the kernel is asked.
/// All calls may block: run them on a worker. Safe to share: nothing here changes but the disk.
public final class Directory: Sendable {
  /// The path it was opened by, for messages and for ``isAtItsPath()``.
  public let path: String
  /// The file system that opened it.
  public let fileSystem: FileSystem
  private let owned: SharedDescriptor

  init(owning number: Int32, path: String, fileSystem: FileSystem) {
    owned = SharedDescriptor(owning: number)
    self.path = path
    self.fileSystem = fileSystem
  }

  /// The descriptor, lent for as long as this object lives; the borrower must not close it.
  public var descriptor: Int32 { owned.descriptor.number }

  /// O_PATH of open(2), which Glibc's module leaves out.
  static let pathOnly: Int32 = 0o10_000_000

  /// The rights of this process on the directory's entries.
  public var rights: EntryRights { EntryRights(directory: self) }

  /// The path of an entry, for messages.
  public func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// Opens a directory in this one; a symbolic link is refused (ELOOP or ENOTDIR), even one to a directory.
  public func openDirectory(_ name: String, for purpose: String = "look") throws(SystemError) -> Directory {
    try check(name, "open")
    let number = try fileSystem.perform(FileOperation(.open, for: purpose, on: path(of: name))) {
      // A checked single component with O_NOFOLLOW cannot lead anywhere else.
      unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    return Directory(owning: number, path: path(of: name), fileSystem: fileSystem)
  }

  /// Opens the directory that is reached by `names` one after another, none of them a symbolic link (ELOOP or
  /// ENOTDIR): in one call where the kernel and the sandbox allow it (openat2(2)).
  public func openDirectory(along names: [String], for purpose: String = "look") throws(SystemError)
    -> Directory
  {
    for name in names { try check(name, "open") }
    let below = names.joined(separator: "/")
    do {
      let number = try fileSystem.perform(FileOperation(.open, for: purpose, on: path(of: below))) {
        unsafe haplo_open_below(descriptor, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      }
      return Directory(owning: number, path: path(of: below), fileSystem: fileSystem)
    } catch  where error.errno == ENOSYS || error.errno == EPERM || error.errno == EAGAIN {
      // EAGAIN: something was renamed elsewhere at that moment, and the kernel cannot tell whether it mattered.
      return try openStepwise(names[...], for: purpose)
    }
  }

  /// Opens a folder below this one, one name after another: paths may be longer than the kernel's limit.
  public func openStepwise(_ names: ArraySlice<String>, for purpose: String = "look") throws(SystemError)
    -> Directory
  {
    var place = self
    for name in names { place = try place.openDirectory(name, for: purpose) }
    return place
  }

  /// Opens a regular file; anything else is refused with words that say what it is, and without having
  /// been opened, for opening a device or a pipe can have effects. EAGAIN (`isInUse`): another process
  /// holds a lease on it.
  public func openForReading(_ name: String, for purpose: String = "read") throws(SystemError) -> OpenFile {
    guard let before = try status(name) else {
      throw SystemError(call: "open", object: quoted(path(of: name)), errno: ENOENT)
    }
    return try openForReading(name, seen: before, for: purpose)
  }

  /// The same for an entry whose status was asked just now.
  public func openForReading(_ name: String, seen before: FileStatus, for purpose: String = "read")
    throws(SystemError) -> OpenFile
  {
    try check(name, "open")
    let place = path(of: name)
    try requireRegular(before, place)
    let number = try fileSystem.perform(FileOperation(.open, for: purpose, on: place)) {
      unsafe openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    let file = OpenFile(owning: number, path: place, fileSystem: fileSystem)
    try requireRegular(try file.status(), place)
    return file
  }

  /// Opens the regular file that is reached by `names` one after another, none of them a symbolic link, in one call where the
  /// kernel and the sandbox allow it (openat2(2)), and says what it was then. It is not examined before it is opened: this is
  /// for files that were seen to be regular ones. A pipe or a device that was put in the place of one is opened without
  /// waiting, and refused like everything else that is no regular file.
  public func openForReading(along names: [String], for purpose: String) throws(SystemError) -> (
    file: OpenFile, status: FileStatus
  ) {
    let file = try openUnexamined(along: names, for: purpose)
    let status = try file.status()
    try requireRegular(status, path(of: names.joined(separator: "/")))
    return (file, status)
  }

  /// Opens without checking the file type.
  private func openUnexamined(along names: [String], for purpose: String) throws(SystemError) -> OpenFile {
    for name in names { try check(name, "open") }
    let place = path(of: names.joined(separator: "/"))
    do {
      let number = try fileSystem.perform(FileOperation(.open, for: purpose, on: place)) {
        unsafe haplo_open_below(
          descriptor, names.joined(separator: "/"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      }
      return OpenFile(owning: number, path: place, fileSystem: fileSystem)
    } catch  where Self.isToGoStepwise(error) {
      guard let last = names.last else { throw error }
      let parent = names.count > 1 ? try openDirectory(along: names.dropLast()) : self
      return try parent.openForReading(last, for: purpose)
    }
  }

  /// True if the call itself cannot be had; if something was renamed elsewhere at that moment, so that the kernel cannot tell
  /// whether it mattered, or somebody holds a lease (EAGAIN); or if what stands there cannot be opened, which is said in
  /// better words after a look at it (a link, a socket).
  private static func isToGoStepwise(_ error: SystemError) -> Bool {
    [ENOSYS, EPERM, EAGAIN, ELOOP, ENXIO].contains(error.errno)
  }

  /// Reads a whole regular file; more than `limit` bytes are an error for which `isTooLarge` holds.
  public func readFile(_ name: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
    try openForReading(name).readAll(atMost: limit)
  }

  /// Makes what was done to this directory's names durable (fsync(2)).
  public func sync(for purpose: String) throws(SystemError) {
    do {
      try fileSystem.perform(FileOperation(.sync, for: purpose, on: path)) { fsync(descriptor) }
    } catch  where error.errno == EINVAL {
      // Some FUSE and network file systems cannot sync a directory: their server does as it does.
    }
  }

  /// Throws unless `name` is a single component.
  func check(_ name: String, _ call: String) throws(SystemError) {
    guard EntryName(name).isSingleComponent else {
      throw SystemError(
        call: call, object: "\(quoted(EntryName(name).description)) in \(quoted(path))", errno: EINVAL,
        detail: "it is not the name of a file")
    }
  }

  private func requireRegular(_ status: FileStatus, _ place: String) throws(SystemError) {
    guard status.kind != .regular else { return }
    throw SystemError(
      call: "open", object: quoted(place), errno: EINVAL,
      detail: "it is a \(status.kind.rawValue), not a regular file")
  }
}
