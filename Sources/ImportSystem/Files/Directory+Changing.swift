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

  /// Renames an entry, within this directory or into another one of the same file system. Without
  /// `replacing`, a name that is taken is left alone (EEXIST), whatever happens at the same time.
  /// Durable after `sync` of both directories; across file systems throws EXDEV.
  public func rename(
    _ name: String, to target: Directory, as newName: String, replacing: Bool = false, for purpose: String
  ) throws(SystemError) {
    try check(name, "rename")
    try rename(path: name, to: target, as: newName, replacing: replacing, for: purpose)
  }

  /// The same for a directory; anything else under the name stays where it is (ENOTDIR).
  public func renameDirectory(_ name: String, to target: Directory, as newName: String, for purpose: String)
    throws(SystemError)
  {
    try check(name, "rename")
    // With a slash at its end a path means a directory (path_resolution(7)).
    try rename(path: name + "/", to: target, as: newName, replacing: false, for: purpose)
  }

  private func rename(
    path name: String, to target: Directory, as newName: String, replacing: Bool, for purpose: String
  ) throws(SystemError) {
    try target.check(newName, "rename")
    let operation = FileOperation(.rename, for: purpose, on: path(of: name), to: target.path(of: newName))
    if replacing {
      try fileSystem.perform(operation) {
        unsafe renameat(descriptor, name, target.descriptor, newName)
      }
      return
    }
    do throws(SystemError) {
      try fileSystem.perform(operation) {
        unsafe haplo_rename_noreplace(descriptor, name, target.descriptor, newName)
      }
    } catch  where error.errno == EINVAL || error.errno == ENOSYS {
      // The file system does not know RENAME_NOREPLACE (NFS, some of FUSE).
      try renameOtherwise(name, to: target, as: newName, for: purpose)
    }
  }

  /// Removes a name that is no directory. Durable after `sync`.
  public func unlink(_ name: String, for purpose: String) throws(SystemError) {
    try check(name, "remove")
    try fileSystem.perform(FileOperation(.unlink, for: purpose, on: path(of: name))) {
      unsafe unlinkat(descriptor, name, 0)
    }
  }

  /// Removes an empty directory. Durable after `sync`.
  public func removeDirectory(_ name: String, for purpose: String) throws(SystemError) {
    try check(name, "remove directory")
    try fileSystem.perform(FileOperation(.removeDirectory, for: purpose, on: path(of: name))) {
      unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
    }
  }

  /// Removes a directory that is empty; one that is not, or is gone, is left.
  public func removeDirectoryIfEmpty(_ name: String, for purpose: String) throws(SystemError) {
    do {
      try removeDirectory(name, for: purpose)
    } catch  where error.isNotEmpty || error.exists || error.isMissing || error.isNotDirectory {}
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

  /// Opens the directory that is reached by `names` one after another, making what is missing, durably.
  public func openOrMakeDirectories(_ names: [String], mode: UInt32, for purpose: String) throws(SystemError)
    -> Directory
  {
    do {
      return try openDirectory(along: names, for: purpose)
    } catch  where error.isMissing {
      var place = self
      for name in names { place = try place.openOrMakeDirectory(name, mode: mode, for: purpose) }
      return place
    }
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
    do {
      let made = try makeDirectory(name, mode: mode, for: purpose)
      try sync(for: purpose)
      return made
    } catch  where error.exists {
      return try openDirectory(name, for: purpose)  // another process was faster
    }
  }

  /// Sets the times that the directory has already (futimens(2)): those who watch it are told, and nothing is different
  /// but its change time. EPERM: it is somebody else's. (Setting its mode could cost it the setgid bit.)
  public func setSameTimes(for purpose: String) throws(SystemError) {
    var raw = stat()
    try fileSystem.perform(FileOperation(.statistics, for: purpose, on: path)) {
      unsafe fstat(descriptor, &raw)
    }
    let times = [raw.st_atim, raw.st_mtim]
    try fileSystem.perform(FileOperation(.setMode, for: purpose, on: path)) {
      unsafe futimens(descriptor, times)
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

extension FileSystem {
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
}
