import CLinux
import Glibc

/// The rights that a process needs on a file or directory; the raw value has the permission bits of one class of users.
public struct AccessNeed: OptionSet, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Reading a file, or listing a directory.
  public static let read = AccessNeed(rawValue: 4)
  /// Changing a directory's names.
  public static let write = AccessNeed(rawValue: 2)
  /// Entering a directory.
  public static let enter = AccessNeed(rawValue: 1)
}

/// Why this process may not take an entry out of a directory.
public enum MoveRefusal: Hashable, Sendable {
  /// The file system is mounted read-only.
  case readOnly
  /// The directory may not be written to.
  case directory
  /// The folder that is to be moved may not be written to: a move changes its entry `..`.
  case folder
  /// The directory is sticky, and this entry is of another owner.
  case sticky(entry: String, owner: UInt32)
}

/// The rights of this process on the entries of a directory, and how it gets them.
public struct EntryRights {
  let directory: Directory

  /// Asks whether this process may do something with an entry (faccessat(2), with its effective rights).
  ///
  /// - Returns: The error that the attempt would meet; nil if there is none, or no such entry.
  public func refusal(of need: AccessNeed, to name: String) -> SystemError? {
    do {
      try directory.fileSystem.perform(
        FileOperation(.statistics, for: "rights", on: directory.path(of: name))
      ) {
        unsafe faccessat(directory.descriptor, name, Int32(need.rawValue), AT_EACCESS)
      }
      return nil
    } catch {
      return error.isMissing ? nil : error
    }
  }

  /// Grants this process's user access to an entry by its access control list. Only a regular file with one
  /// name or a directory is touched, and only one that belongs to `owner`; no link is followed.
  ///
  /// - Returns: What the entry was before and is afterwards.
  /// - Throws: EPERM without ownership and CAP_FOWNER, EOPNOTSUPP where the file system has no such lists; EACCES for an
  ///   entry that must not be touched.
  public func grant(_ need: AccessNeed, to name: EntryName, ifOwnedBy owner: UInt32)
    throws(SystemError) -> (before: FileStatus, after: FileStatus)
  {
    let place = directory.path(of: name.description)
    guard name.isSingleComponent else {
      throw SystemError(call: "grant access to", object: quoted(place), errno: EINVAL)
    }
    let number = try directory.fileSystem.perform(FileOperation(.open, for: "access", on: place)) {
      unsafe openat(directory.descriptor, name.terminated, Directory.pathOnly | O_NOFOLLOW | O_CLOEXEC)
    }
    let file = Descriptor(owning: number)
    let before = try directory.fileSystem.status(of: file.number, for: "access", on: place)
    guard before.owner == owner, before.kind == .directory || (before.kind == .regular && before.links == 1)
    else { throw SystemError(call: "grant access to", object: quoted(place), errno: EACCES) }
    // Through /proc, the call acts on the file that was examined, whatever its name means by now.
    let itself = "/proc/self/fd/\(file.number)"
    var list = try self.list(of: itself, place) ?? AccessControlList(mode: before.mode)
    // An owner's rights are those of the owner's entry, whatever a user's entry says.
    if before.owner == geteuid() {
      list.grantToOwner(need.rawValue)
    } else {
      list.grant(need.rawValue, to: geteuid())
    }
    let bytes = list.bytes
    try directory.fileSystem.perform(FileOperation(.setMode, for: "access", on: place)) {
      unsafe setxattr(itself, Self.attribute, bytes, bytes.count, 0)
    }
    return (before, try directory.fileSystem.status(of: file.number, for: "access", on: place))
  }

  private static let attribute = "system.posix_acl_access"

  /// The list that the file has; nil if its mode says all.
  private func list(of itself: String, _ place: String) throws(SystemError) -> AccessControlList? {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)  // the most that an attribute may have
    do {
      let count = try directory.fileSystem.perform(FileOperation(.statistics, for: "access", on: place)) {
        unsafe getxattr(itself, Self.attribute, &bytes, bytes.count)
      }
      if let list = AccessControlList(Array(bytes.prefix(count))) { return list }
    } catch  where error.errno == ENODATA {
      return nil
    }
    throw SystemError(call: "grant access to", object: quoted(place), errno: EOPNOTSUPP)
  }

  /// Asks whether this process may add and remove names in this directory, or in the one called `name` in it; the
  /// error is what such a call would meet. One that is not there is no obstacle.
  public func refusalToChange(_ name: String = ".") -> SystemError? {
    do {
      try directory.fileSystem.perform(FileOperation(.statistics, for: "rights", on: place(name))) {
        unsafe faccessat(directory.descriptor, name, W_OK | X_OK, AT_EACCESS)
      }
      return nil
    } catch {
      return error.isMissing ? nil : SystemError(call: "write to", object: error.object, errno: error.errno)
    }
  }

  private func place(_ name: String) -> String { name == "." ? directory.path : directory.path(of: name) }

  /// Asks whether this process may move these files, or this one folder, elsewhere; nil if so.
  public func refusalToMove(_ names: [String]) throws(SystemError) -> MoveRefusal? {
    var entries: [(name: String, status: FileStatus)] = []
    for name in names { if let status = try directory.status(name) { entries.append((name, status)) } }
    let own = try directory.ownStatus()
    if let refusal = refusalToChange() { return refusal.errno == EROFS ? .readOnly : .directory }
    let isSticky = own.mode & S_ISVTX != 0 && own.owner != geteuid() && haplo_has_capability(CAP_FOWNER) == 0
    for (name, status) in entries {
      if isSticky, status.owner != geteuid() { return .sticky(entry: name, owner: status.owner) }
      guard status.kind == .directory, let refusal = refusalToChange(name) else { continue }
      return refusal.errno == EROFS ? .readOnly : .folder
    }
    return nil
  }
}
