import CLinux
import Glibc

/// Removal of whole directories, whatever they contain: names of any bytes, any depth, folders that lack the rights.
extension Directory {
  /// Removes a directory and everything in it. Needs a constant number of descriptors: a directory found inside is moved up
  /// next to the others before it is emptied. Folders that refuse are given the rights that the removal needs, where this
  /// process may grant them. Blocks. Durable after ``sync(for:)``.
  ///
  /// - Throws: the first refusal. What could be removed is gone then, and a repetition removes the rest.
  public func removeTree(_ name: String, for purpose: String) throws(SystemError) {
    let doomed = try openToEmpty(EntryName(name), for: purpose)
    var refusal: SystemError?
    var moved = 0
    while refusal == nil {
      let entries = try doomed.entries()
      if entries.isEmpty { break }
      for entry in entries {
        do throws(SystemError) {
          try doomed.removeEntry(entry, movingUp: &moved, for: purpose)
        } catch {
          refusal = refusal ?? error
        }
      }
    }
    if let refusal { throw refusal }
    try removeDirectory(name, for: purpose)
  }

  /// Removes one entry of the directory that is being emptied. If it is a directory, its own directories are moved up here.
  private func removeEntry(_ entry: EntryName, movingUp moved: inout Int, for purpose: String)
    throws(SystemError)
  {
    guard try status(entry)?.kind == .directory else { return try unlink(entry, flags: 0, for: purpose) }
    let inner = try openToEmpty(entry, for: purpose)
    for below in try inner.entries() {
      if try inner.status(below)?.kind == .directory {
        // The kernel wants to write in a directory that is moved to another parent.
        _ = try inner.openToEmpty(below, for: purpose)
        try inner.move(below, up: self, &moved, for: purpose)
      } else {
        try inner.unlink(below, flags: 0, for: purpose)
      }
    }
    try unlink(entry, flags: AT_REMOVEDIR, for: purpose)
  }

  private func move(_ name: EntryName, up target: Directory, _ moved: inout Int, for purpose: String)
    throws(SystemError)
  {
    while true {
      moved += 1
      let new = ".removing-\(moved)"
      do {
        try fileSystem.perform(
          FileOperation(.rename, for: purpose, on: path(of: name.description), to: target.path(of: new))
        ) {
          unsafe haplo_rename_noreplace(descriptor, name.terminated, target.descriptor, new)
        }
        return
      } catch  where error.exists {
        continue  // left by an earlier attempt
      }
    }
  }

  private func unlink(_ name: EntryName, flags: Int32, for purpose: String) throws(SystemError) {
    let kind: FileOperation.Kind = flags == 0 ? .unlink : .removeDirectory
    try fileSystem.perform(FileOperation(kind, for: purpose, on: path(of: name.description))) {
      unsafe unlinkat(descriptor, name.terminated, flags)
    }
  }

  /// Opens a directory in which entries can be removed; a symbolic link in its place is refused.
  private func openToEmpty(_ name: EntryName, for purpose: String) throws(SystemError) -> Directory {
    let operation = FileOperation(.open, for: purpose, on: path(of: name.description))
    do {
      return try open(name, operation)
    } catch  where error.errno == EACCES {
      guard let status = try status(name) else { throw error }
      if status.owner == geteuid() {
        try grantOwnerAccess(to: name, for: purpose)
      } else {
        _ = try grantAccess(to: name, [.read, .write, .enter], ifOwnedBy: status.owner)
      }
      return try open(name, operation)
    }
  }

  private func open(_ name: EntryName, _ operation: FileOperation) throws(SystemError) -> Directory {
    let number = try fileSystem.perform(operation) {
      unsafe openat(descriptor, name.terminated, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    let opened = Directory(owning: number, path: path(of: name.description), fileSystem: fileSystem)
    guard unsafe faccessat(number, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw SystemError(failing: operation, errno: EACCES)
    }
    return opened
  }

  /// O_PATH of open(2), which Glibc's module leaves out.
  static let pathOnly: Int32 = 0o10_000_000

  /// Gives the owner of a directory all rights in it (chmod(2)).
  private func grantOwnerAccess(to name: EntryName, for purpose: String) throws(SystemError) {
    let operation = FileOperation(.setMode, for: purpose, on: path(of: name.description))
    let number = try fileSystem.perform(operation) {
      unsafe openat(descriptor, name.terminated, Self.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    let held = Descriptor(owning: number)
    // By way of /proc, for chmod(2) by name would follow what may have taken the directory's place.
    try fileSystem.perform(operation) { unsafe chmod("/proc/self/fd/\(held.number)", 0o700) }
  }
}
