import CLinux
import Glibc

/// What a process wants to do with a file or directory; the raw value has the permission bits of one class of users.
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

extension Directory {
  /// Asks whether this process may do something with an entry (faccessat(2), with its effective rights).
  ///
  /// - Returns: The error that the attempt would meet; nil if there is none, or no such entry.
  public func refusal(of need: AccessNeed, to name: String) -> SystemError? {
    do {
      try fileSystem.perform(FileOperation(.statistics, for: "rights", on: path(of: name))) {
        unsafe faccessat(descriptor, name, Int32(need.rawValue), AT_EACCESS)
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
  public func grantAccess(to name: EntryName, _ need: AccessNeed, ifOwnedBy owner: UInt32)
    throws(SystemError) -> (before: FileStatus, after: FileStatus)
  {
    let place = path(of: name.description)
    guard name.isSingleComponent else {
      throw SystemError(call: "grant access to", object: quoted(place), errno: EINVAL)
    }
    let number = try fileSystem.perform(FileOperation(.open, for: "access", on: place)) {
      unsafe openat(descriptor, name.terminated, Self.pathOnly | O_NOFOLLOW | O_CLOEXEC)
    }
    let file = Descriptor(owning: number)
    let before = try Self.status(of: file.number, place, fileSystem)
    guard before.owner == owner, before.kind == .directory || (before.kind == .regular && before.links == 1)
    else {
      throw SystemError(call: "grant access to", object: quoted(place), errno: EACCES)
    }
    // Through /proc, the call acts on the file that was examined, whatever its name means by now.
    let itself = "/proc/self/fd/\(file.number)"
    var list = try Self.list(of: itself, place, fileSystem) ?? AccessControlList(mode: before.mode)
    // An owner's rights are those of the owner's entry, whatever a user's entry says.
    if before.owner == geteuid() {
      list.grantToOwner(need.rawValue)
    } else {
      list.grant(need.rawValue, to: geteuid())
    }
    let bytes = list.bytes
    try fileSystem.perform(FileOperation(.setMode, for: "access", on: place)) {
      unsafe setxattr(itself, Self.attribute, bytes, bytes.count, 0)
    }
    return (before, try Self.status(of: file.number, place, fileSystem))
  }

  private static let attribute = "system.posix_acl_access"

  /// The list that the file has; nil if its mode says all.
  private static func list(of itself: String, _ place: String, _ fileSystem: FileSystem) throws(SystemError)
    -> AccessControlList?
  {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)  // the most that an attribute may have
    do {
      let count = try fileSystem.perform(FileOperation(.statistics, for: "access", on: place)) {
        unsafe getxattr(itself, attribute, &bytes, bytes.count)
      }
      if let list = AccessControlList(Array(bytes.prefix(count))) { return list }
    } catch  where error.errno == ENODATA {
      return nil
    }
    throw SystemError(call: "grant access to", object: quoted(place), errno: EOPNOTSUPP)
  }

  private static func status(of file: Int32, _ place: String, _ fileSystem: FileSystem) throws(SystemError)
    -> FileStatus
  {
    var raw = stat()
    try fileSystem.perform(FileOperation(.statistics, for: "access", on: place)) { unsafe fstat(file, &raw) }
    return FileStatus(raw)
  }
}
