import Glibc
import ImportCore
import ImportStorage
import ImportSystem

/// Opens and lists one drop directory. Every method blocks and belongs on the source's own thread. Sets in the directory are
/// examined in a ``SetVisit``.
struct DirectoryScanner: Sendable {
  /// The entries of a directory, with those below it if they were asked for.
  struct Listing: Sendable {
    var own: EntryStatus
    var entries: [(name: String, status: EntryStatus)] = []
    /// Names that no set can have, and directories that cannot be listed, by their paths for people.
    var obstacles: [String: EntryObstacle] = [:]
    /// True if there is more than is kept in memory.
    var isCut = false
    /// Bytes of all names, for paths get long in deep folders.
    var bytes = 0
  }

  /// The watches on a directory and on those in it.
  struct Watches: Sendable {
    /// Each with its path in the listing (`""`, `"sub/"`).
    var all: [(watch: Inotify.Watch, prefix: String)] = []
    /// Why one is missing that there should be.
    var problem: SystemError?
  }

  /// Entries that one listing keeps: some 100 MB of memory, and ten times what a busy drop directory holds.
  static let mostEntries = 200_000
  /// Bytes of their names: as much memory again.
  static let mostBytes = 64 << 20
  /// Levels of folders in a set: what a walk over it must hold open and remember is bounded by that.
  static let mostLevels = 512

  let fileSystem: FileSystem
  let path: String
  let inotify: Inotify?
  let locks: ServiceLocks?

  /// Makes sure that no other daemon works on the directory and that it is the source's own, watches it, then lists it.
  ///
  /// - Throws: An error for which `isInUse` holds if another daemon has the directory; one for which `isNotDirectory` holds for a
  ///   symbolic link, another source's directory, or one in the spool's other folders.
  func scan() throws(SystemError) -> (listing: Listing, watches: Watches, kind: FileSystemKind) {
    let directory = try fileSystem.openItself(path)
    try locks?.hold(directory)
    let kind = try directory.fileSystemKind()
    var listing = Listing(own: EntryStatus(try directory.ownStatus()))
    var watches = Watches()
    if !kind.isRemote { watch(directory, prefix: "", &watches) }
    try list(directory, prefix: "", into: &listing)
    return (listing, watches, kind)
  }

  /// Asks what these names of the directory are now; nil for those that are gone. Nil as a whole if the path does not lead to the
  /// directory any more that was scanned as `own`.
  func statuses(of names: [EntryName], in own: EntryStatus) throws(SystemError) -> [(
    name: EntryName, status: EntryStatus?
  )]? {
    guard let directory = try? fileSystem.openItself(path),
      try directory.ownStatus().isSameFile(as: own.identity)
    else { return nil }
    var found: [(name: EntryName, status: EntryStatus?)] = []
    for name in names { found.append((name, try directory.status(name).map { EntryStatus($0) })) }
    return found
  }

  /// Sets the directory's times to what they are, of which the kernel tells those who watch it; false where that is not allowed.
  func touch() -> Bool {
    do {
      try fileSystem.openItself(path).setSameTimes(for: "self-test")
      return true
    } catch {
      return false
    }
  }

  /// Watches the nearest directory above that is there, to learn when the drop directory comes back.
  func watchAncestor() -> Inotify.Watch? {
    var parts = path.split(separator: "/")
    while !parts.isEmpty {
      parts.removeLast()
      guard let directory = try? fileSystem.openDirectory("/" + parts.joined(separator: "/")) else {
        continue
      }
      return try? inotify?.add(directory)
    }
    return nil
  }

  /// True if something can be opened at the path.
  var isThere: Bool { (try? fileSystem.openItself(path)) != nil }

  func watch(_ directory: Directory, prefix: String, _ watches: inout Watches) {
    guard let inotify else { return }
    do {
      watches.all.append((try inotify.add(directory), prefix))
    } catch {
      watches.problem = watches.problem ?? error
    }
  }

  /// Lists a directory that was opened for this, as far as there is room for it. Litter is left out.
  func list(_ directory: Directory, prefix: String, into listing: inout Listing) throws(SystemError) {
    for name in try directory.entriesOnce(atMost: Self.mostEntries - listing.entries.count) {
      if Litter.isLitter(name.bytes) { continue }
      guard listing.entries.count < Self.mostEntries, listing.bytes < Self.mostBytes else {
        listing.isCut = true
        return
      }
      guard let status = try directory.status(name).map({ EntryStatus($0) }) else { continue }
      listing.bytes += prefix.utf8.count + name.bytes.count
      if let obstacle = Self.obstacle(of: name) {
        listing.obstacles[prefix + name.description] = obstacle
      } else {
        listing.entries.append((prefix + (name.string ?? ""), status))
      }
    }
  }

  /// Why no set can have this name; nil for ordinary ones.
  static func obstacle(of name: EntryName) -> EntryObstacle? {
    guard let text = name.string else {
      return EntryObstacle("its name is not UTF-8", remedy: "rename or remove it")
    }
    if DropName.isPlain(text) { return nil }
    return EntryObstacle("its name has control characters", remedy: "rename or remove it")
  }
}

extension ImportCore.FileIdentity {
  /// True if both are the same file or directory, whatever was done to it meanwhile.
  func isSameObject(as other: ImportCore.FileIdentity) -> Bool {
    device == other.device && inode == other.inode
  }
}
