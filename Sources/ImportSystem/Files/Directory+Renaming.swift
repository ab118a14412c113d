import Glibc
import Synchronization

/// Renaming where the file system does not know RENAME_NOREPLACE.
extension Directory {
  /// One check with its rename at a time in this process. Other processes are kept away from the spool by its lock.
  private static let turn = Mutex(())

  /// Renames without replacing: a file by a second name that must be free (link(2)), of which the first is then removed; a
  /// directory, or a file where there are no links, by a look whether the name is free.
  func renameOtherwise(_ path: String, to target: Directory, as newName: String, for purpose: String)
    throws(SystemError)
  {
    let name = path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let found = try status(name) else {
      throw SystemError(
        failing: FileOperation(.rename, for: purpose, on: self.path(of: name), to: target.path(of: newName)),
        errno: ENOENT)
    }
    if found.kind != .directory, try link(name, to: target, as: newName, for: purpose) {
      return try unlink(name, for: purpose)
    }
    try Self.turn.withLock { _ throws(SystemError) in
      let operation = FileOperation(
        .rename, for: "\(purpose), by a look", on: self.path(of: name), to: target.path(of: newName))
      if try target.status(newName) != nil { throw SystemError(failing: operation, errno: EEXIST) }
      try fileSystem.perform(operation) { unsafe renameat(descriptor, path, target.descriptor, newName) }
    }
  }

  /// Gives a file a second name. False where there are no links.
  private func link(_ name: String, to target: Directory, as newName: String, for purpose: String)
    throws(SystemError) -> Bool
  {
    do {
      try fileSystem.perform(
        FileOperation(.link, for: purpose, on: path(of: name), to: target.path(of: newName))
      ) {
        unsafe linkat(descriptor, name, target.descriptor, newName, 0)
      }
      return true
    } catch  where [EPERM, EOPNOTSUPP, ENOSYS, EMLINK, EINVAL, EACCES].contains(error.errno) {
      return false
    }
  }
}
