import Glibc
import Synchronization

/// A rename that replaces nothing, where the file system does not know RENAME_NOREPLACE: a file by a second name that must be
/// free (link(2)), of which the first is then removed; a directory, or a file where there are no links, by a check whether the
/// name is free.
struct SubstituteRename {
  let source: Directory
  let name: String
  let target: Directory
  let newName: String
  let purpose: String

  /// One check with its rename at a time in this process. Other processes are kept away from the spool by its lock.
  private static let turn = Mutex(())

  /// Renames.
  ///
  /// - Throws: EEXIST for a name that is taken, ENOENT where there is nothing to rename.
  func perform() throws(SystemError) {
    guard let found = try source.status(name) else {
      throw SystemError(failing: operation(.rename, purpose), errno: ENOENT)
    }
    if found.kind != .directory, try link() { return try source.unlink(name, for: purpose) }
    try Self.turn.withLock { _ throws(SystemError) in
      let operation = operation(.rename, "\(purpose), by a look")
      if try target.status(newName) != nil { throw SystemError(failing: operation, errno: EEXIST) }
      try source.fileSystem.perform(operation) {
        unsafe renameat(source.descriptor, name, target.descriptor, newName)
      }
    }
  }

  /// Gives the file a second name. False where there are no links.
  private func link() throws(SystemError) -> Bool {
    do {
      try source.fileSystem.perform(operation(.link, purpose)) {
        unsafe linkat(source.descriptor, name, target.descriptor, newName, 0)
      }
      return true
    } catch  where [EPERM, EOPNOTSUPP, ENOSYS, EMLINK, EINVAL, EACCES].contains(error.errno) {
      return false
    }
  }

  private func operation(_ kind: FileOperation.Kind, _ purpose: String) -> FileOperation {
    FileOperation(kind, for: purpose, on: source.path(of: name), to: target.path(of: newName))
  }
}
