import CLinux
import Glibc

extension Directory {
  /// Makes a directory with exactly `mode` (setgid included, whatever the umask and the parent's own
  /// setgid bit), owned by this process's effective user and group, and opens it. Throws EEXIST when the
  /// name is taken. Durable after `sync` of this directory.
  ///
  /// The system is asked for owner and mode only where the parent did not give them already: a sandbox may forbid
  /// to ask (`RestrictSUIDSGID=`, no `@chown`). If they cannot be had, no directory is left behind.
  @discardableResult
  public func makeDirectory(_ name: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    try check(name, "make directory")
    try fileSystem.perform(FileOperation(.makeDirectory, for: purpose, on: path(of: name))) {
      unsafe mkdirat(descriptor, name, mode & 0o777)
    }
    do {
      let made = try openDirectory(name, for: purpose)
      try made.setOwner(andMode: mode, for: purpose)
      return made
    } catch {
      _ = unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
      throw error
    }
  }

  /// Opens the directory `name`, making it first, durably, if it is missing.
  public func openOrMakeDirectory(_ name: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    do {
      return try openDirectory(name, for: purpose)
    } catch  where error.isMissing {
      return try makeMissing(name, mode: mode, for: purpose)
    }
  }

  /// Opens the directory that is reached by `names` one after another, making what is missing. Each directory on the way is
  /// synced, with what is there already: whoever made it may have died, or may have failed, before that.
  public func openOrMakeDirectories(_ names: [String], mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    var place = self
    for name in names {
      let there: Directory?
      do { there = try place.openDirectory(name, for: purpose) } catch  where error.isMissing { there = nil }
      if let there {
        try place.sync(for: purpose)
        place = there
      } else {
        place = try place.makeMissing(name, mode: mode, for: purpose)
      }
    }
    return place
  }

  /// Opens the directory `name`, making it if it is missing: owned by this process's user, but with the group (and the
  /// setgid bit, and the access list) that this directory hands down, and open to that group, whatever the umask. Where
  /// the group's right cannot be had (a sandbox may forbid to set the mode of a setgid directory), throws EPERM and
  /// leaves nothing behind. A symbolic link in its place is refused.
  public func openOrMakeGroupDirectory(_ name: String, for purpose: String) throws(SystemError) -> Directory {
    do {
      return try openDirectory(name, for: purpose)
    } catch  where error.isMissing {
      return try makeGroupDirectory(name, for: purpose)
    }
  }

  private func makeGroupDirectory(_ name: String, for purpose: String) throws(SystemError) -> Directory {
    try check(name, "make directory")
    try fileSystem.perform(FileOperation(.makeDirectory, for: purpose, on: path(of: name))) {
      unsafe mkdirat(descriptor, name, 0o770)
    }
    do {
      let made = try openDirectory(name, for: purpose)
      let mode = try made.ownStatus().mode
      if mode & 0o770 != 0o770 {
        try fileSystem.perform(FileOperation(.setMode, for: purpose, on: made.path)) {
          fchmod(made.descriptor, mode | 0o770)
        }
      }
      return made
    } catch {
      _ = unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
      throw error
    }
  }

  private func makeMissing(_ name: String, mode: UInt32, for purpose: String) throws(SystemError) -> Directory
  {
    let made: Directory
    do {
      made = try makeDirectory(name, mode: mode, for: purpose)
    } catch  where error.exists {
      return try openDirectory(name, for: purpose)  // another process was faster
    }
    do {
      try sync(for: purpose)
      return made
    } catch {
      // Who finds it later would take it for durable.
      _ = unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
      throw error
    }
  }

  /// The effective group, which this program never changes.
  private static let processGroup = getegid()

  /// The group first: changing it may clear the setgid bit.
  private func setOwner(andMode mode: UInt32, for purpose: String) throws(SystemError) {
    let operation = FileOperation(.setMode, for: purpose, on: path)
    var status = try ownStatus()
    if status.group != Self.processGroup {
      try fileSystem.perform(operation) { fchown(descriptor, uid_t.max, Self.processGroup) }
      status = try ownStatus()
    }
    guard status.mode != mode else { return }
    do {
      try fileSystem.perform(operation) { fchmod(descriptor, mode) }
    } catch  where error.errno == EPERM && mode & S_ISGID != 0 {
      throw SystemError(
        call: error.call, object: error.object, errno: EPERM,
        detail:
          "the setgid bit may not be set here (the service's sandbox forbids it); make the directory yourself,"
          + " with mode \(String(mode, radix: 8)) and the daemon as its owner")
    }
  }
}
