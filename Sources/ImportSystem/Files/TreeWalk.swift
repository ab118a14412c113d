import CLinux
import Glibc

/// One entry below a directory.
public struct TreeEntry: Sendable {
  /// The directory that holds it, open during the visit.
  public let directory: Directory
  /// Names of the folders that lead to it from the directory where the walk began.
  public let folders: [String]
  /// Its name there.
  public let name: String
  /// Its status when it was met; of a link the link itself.
  public let status: FileStatus

  /// The path from the directory where the walk began: `notes/readme.txt`.
  public var path: String { (folders + [name]).joined(separator: "/") }

  public init(directory: Directory, folders: [String], name: String, status: FileStatus) {
    self.directory = directory
    self.folders = folders
    self.name = name
    self.status = status
  }
}

/// A walk over all that is below a directory.
public struct TreeWalk {
  private let top: Directory

  public init(_ top: Directory) { self.top = top }

  /// Visits every entry below the top, a folder before its content, the entries of a folder in the order of their names'
  /// bytes. Links are visited, never followed; names that are not UTF-8 are left out. Holds two descriptors at a time,
  /// whatever the depth. Blocks. To be called once for a directory that was opened for it
  /// (``Directory/entriesOnce()``).
  ///
  /// - Parameter refused: gets the error of a folder that this process may not read; the walk goes on without it.
  /// - Throws: ``SystemError``, also what `body` and `refused` throw.
  public func visit(
    refused: (SystemError) throws(SystemError) -> Void = { error throws(SystemError) in throw error },
    _ body: (TreeEntry) throws(SystemError) -> Void
  ) throws(SystemError) {
    var pending: [[String]] = [[]]
    while let path = pending.popLast() {
      let folder: Directory
      let names: [String]
      do {
        folder = try top.openStepwise(path[...])
        names = try Directory.sorted(folder.entriesOnce())
      } catch  where error.isPermission {
        try refused(error)
        continue
      }
      for name in names {
        guard let status = try folder.status(name) else { continue }
        try body(TreeEntry(directory: folder, folders: path, name: name, status: status))
        if status.kind == .directory { pending.append(path + [name]) }
      }
    }
  }
}

/// Removal of whole directories, whatever they contain: names of any bytes, any depth, folders that lack the rights. Needs a
/// constant number of descriptors: a directory found inside is moved up next to the others before it is emptied. Folders that
/// refuse are given the rights that the removal needs, where this process may grant them.
struct TreeRemoval: ~Copyable {
  let purpose: String
  /// Numbers the directories that are moved up.
  private var moved = 0

  init(purpose: String) { self.purpose = purpose }

  /// Removes the directory `name` and everything in it. Throws the first refusal.
  consuming func remove(_ name: String, in parent: Directory) throws(SystemError) {
    let doomed = try openToEmpty(EntryName(name), in: parent)
    var refusal: SystemError?
    while refusal == nil {
      let entries = try doomed.entries()
      if entries.isEmpty { break }
      for entry in entries {
        do throws(SystemError) { try removeEntry(entry, of: doomed) } catch { refusal = refusal ?? error }
      }
    }
    if let refusal { throw refusal }
    try parent.removeDirectory(name, for: purpose)
  }

  /// Removes one entry of the directory that is being emptied. If it is a directory, its own directories are moved up there.
  private mutating func removeEntry(_ entry: EntryName, of doomed: Directory) throws(SystemError) {
    guard try doomed.status(entry)?.kind == .directory else { return try unlink(entry, in: doomed, flags: 0) }
    let inner = try openToEmpty(entry, in: doomed)
    for below in try inner.entries() {
      if try inner.status(below)?.kind == .directory {
        // The kernel wants to write in a directory that is moved to another parent.
        _ = try openToEmpty(below, in: inner)
        try move(below, of: inner, up: doomed)
      } else {
        try unlink(below, in: inner, flags: 0)
      }
    }
    try unlink(entry, in: doomed, flags: AT_REMOVEDIR)
  }

  private mutating func move(_ name: EntryName, of inner: Directory, up target: Directory) throws(SystemError)
  {
    while true {
      moved += 1
      let new = ".removing-\(moved)"
      do {
        try inner.fileSystem.perform(
          FileOperation(
            .rename, for: purpose, on: inner.path(of: name.description), to: target.path(of: new))
        ) {
          unsafe haplo_rename_noreplace(inner.descriptor, name.terminated, target.descriptor, new)
        }
        return
      } catch  where error.exists {
        continue  // left by an earlier attempt
      }
    }
  }

  private func unlink(_ name: EntryName, in folder: Directory, flags: Int32) throws(SystemError) {
    let kind: FileOperation.Kind = flags == 0 ? .unlink : .removeDirectory
    try folder.fileSystem.perform(FileOperation(kind, for: purpose, on: folder.path(of: name.description))) {
      unsafe unlinkat(folder.descriptor, name.terminated, flags)
    }
  }

  /// Opens a directory in which entries can be removed; a symbolic link in its place is refused.
  private func openToEmpty(_ name: EntryName, in folder: Directory) throws(SystemError) -> Directory {
    let operation = FileOperation(.open, for: purpose, on: folder.path(of: name.description))
    do {
      return try open(name, in: folder, operation)
    } catch  where error.errno == EACCES {
      guard let status = try folder.status(name) else { throw error }
      if status.owner == geteuid() {
        try grantOwnerAccess(to: name, in: folder)
      } else {
        _ = try folder.rights.grant([.read, .write, .enter], to: name, ifOwnedBy: status.owner)
      }
      return try open(name, in: folder, operation)
    }
  }

  private func open(_ name: EntryName, in folder: Directory, _ operation: FileOperation) throws(SystemError)
    -> Directory
  {
    let number = try folder.fileSystem.perform(operation) {
      unsafe openat(folder.descriptor, name.terminated, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    let opened = Directory(
      owning: number, path: folder.path(of: name.description), fileSystem: folder.fileSystem)
    guard unsafe faccessat(number, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
      throw SystemError(failing: operation, errno: EACCES)
    }
    return opened
  }

  /// Gives the owner of a directory all rights in it (chmod(2)).
  private func grantOwnerAccess(to name: EntryName, in folder: Directory) throws(SystemError) {
    let operation = FileOperation(.setMode, for: purpose, on: folder.path(of: name.description))
    let number = try folder.fileSystem.perform(operation) {
      unsafe openat(
        folder.descriptor, name.terminated, Directory.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    let held = Descriptor(owning: number)
    // By way of /proc, for chmod(2) by name would follow what may have taken the directory's place.
    try folder.fileSystem.perform(operation) { unsafe chmod("/proc/self/fd/\(held.number)", 0o700) }
  }
}
