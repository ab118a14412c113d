import CLinux
import Glibc

extension Directory {
  /// Renames an entry, within this directory or into another one of the same file system. Without
  /// `replacing`, a name that is taken is left alone (EEXIST), whatever happens at the same time.
  /// Durable after `sync` of both directories; across file systems throws EXDEV.
  public func rename(
    _ name: String, to target: Directory, as newName: String, replacing: Bool = false, for purpose: String
  ) throws(SystemError) {
    try check(name, "rename")
    try target.check(newName, "rename")
    let operation = FileOperation(.rename, for: purpose, on: path(of: name), to: target.path(of: newName))
    if replacing {
      try fileSystem.perform(operation) { unsafe renameat(descriptor, name, target.descriptor, newName) }
      return
    }
    do throws(SystemError) {
      try fileSystem.perform(operation) {
        unsafe haplo_rename_noreplace(descriptor, name, target.descriptor, newName)
      }
    } catch  where error.errno == EINVAL || error.errno == ENOSYS {
      // The file system does not know RENAME_NOREPLACE (NFS, some of FUSE).
      try SubstituteRename(source: self, name: name, target: target, newName: newName, purpose: purpose)
        .perform()
    }
  }

  /// Removes a name that is no directory. Durable after `sync`.
  public func unlink(_ name: String, for purpose: String) throws(SystemError) {
    try check(name, "remove")
    try fileSystem.perform(FileOperation(.unlink, for: purpose, on: path(of: name))) {
      unsafe unlinkat(descriptor, name, 0)
    }
  }

  /// Removes a name that is no directory; one that is not there is as good as removed.
  public func removeIfThere(_ name: String, for purpose: String) throws(SystemError) {
    do { try unlink(name, for: purpose) } catch  where error.isMissing {}
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

  /// Removes a directory and everything in it, as ``TreeRemoval`` does. Blocks. Durable after ``sync(for:)``.
  ///
  /// - Throws: the first refusal. What could be removed is gone then, and a repetition removes the rest.
  public func removeTree(_ name: String, for purpose: String) throws(SystemError) {
    try TreeRemoval(purpose: purpose).remove(name, in: self)
  }

  /// Puts a file with these bytes in place, whole or not at all: written beside it, synced, renamed, and the
  /// directory synced. Durable on return. Without `replacing`, a name that is taken is left alone (EEXIST).
  /// A crash can leave the temporary name behind, which the next call removes. The umask takes from `mode` unless it is
  /// `exact`.
  public func store(
    _ bytes: [UInt8], as name: String, mode: UInt32, exact: Bool = false, replacing: Bool, for purpose: String
  ) throws(SystemError) {
    try put(bytes, as: name, mode: mode, replacing: replacing, for: purpose) { file throws(SystemError) in
      try file.giveToOwner(of: self, for: purpose)
      if exact { try file.setMode(mode, for: purpose) }
    } written: { file throws(SystemError) in
      try file.sync(for: purpose)
    }
    try sync(for: purpose)
  }

  /// Removes what a crash has left of a file that was being stored and is not wanted any more.
  public func discardTemporary(of name: String, for purpose: String) throws(SystemError) {
    try removeIfThere(Self.temporaryName(name), for: purpose)
  }

  /// Puts a file with these bytes and exactly this mode in place of any other, so that a reader finds the old one or the
  /// new one, whole. It is not durable: for what is written again soon.
  public func replace(_ bytes: [UInt8], as name: String, mode: UInt32, for purpose: String)
    throws(SystemError)
  {
    try put(bytes, as: name, mode: mode, replacing: true, for: purpose) { file throws(SystemError) in
      try file.setMode(mode, for: purpose)
    }
  }

  /// Writes a file beside its place and renames it, or leaves nothing: `made` before the bytes, `written` after them.
  private func put(
    _ bytes: [UInt8], as name: String, mode: UInt32, replacing: Bool, for purpose: String,
    made: (WritableFile) throws(SystemError) -> Void,
    written: (WritableFile) throws(SystemError) -> Void = { _ in }
  ) throws(SystemError) {
    let temporary = Self.temporaryName(name)
    do {
      let file = try createAnew(temporary, mode: mode, for: purpose)
      try made(file)
      try file.write(bytes, at: 0, for: purpose)
      try written(file)
      try rename(temporary, to: self, as: name, replacing: replacing, for: purpose)
    } catch {
      try? removeIfThere(temporary, for: purpose)
      throw error
    }
  }

  /// Makes a file, in place of one that a crash has left.
  private func createAnew(_ name: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> WritableFile
  {
    do {
      return try createFile(name, mode: mode, for: purpose)
    } catch  where error.exists {
      try removeIfThere(name, for: purpose)
      return try createFile(name, mode: mode, for: purpose)
    }
  }

  /// Copies a file into this directory under a name that must be free, byte for byte and synced; the directory
  /// itself is not. `check` is called before each block of 1 MiB; what it throws ends the copy. Returns the SHA-256 of the
  /// copied bytes.
  public func copy(
    _ file: OpenFile, as name: String, mode: UInt32, for purpose: String,
    checking check: () throws(SystemError) -> Void = {}
  ) throws(SystemError) -> [UInt8] {
    let target = try createFile(name, mode: mode, for: purpose)
    var digest = SHA256()
    var offset: Int64 = 0
    while true {
      try check()
      let block = try file.read(1 << 20, at: offset)
      if block.isEmpty { break }
      unsafe block.withUnsafeBytes { unsafe digest.update($0) }
      try target.write(block, at: offset, for: purpose)
      offset += Int64(block.count)
    }
    try target.sync(for: purpose)
    return digest.finish()
  }

  private static func temporaryName(_ name: String) -> String { ".\(name).new" }

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
}
