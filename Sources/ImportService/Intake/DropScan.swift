import Glibc
import ImportCore
import ImportSystem

/// Looks at a drop directory and what is in it. Every method blocks and belongs on a worker; each look opens the
/// directory anew (``Parents``), so that between two of them nothing keeps a removed or replaced one alive. A folder that
/// is replaced during a look is told by the claim, which compares what it takes with what was judged.
struct DropScan: Sendable {
  /// A name and what it was seen to be.
  typealias Named = (name: String, status: EntryStatus)

  /// What one directory holds.
  struct Listing: Sendable {
    var own: EntryStatus
    var entries: [Named] = []
    /// Names that no set can have, and why.
    var strange: [String: String] = [:]
    /// The watches on it and on the directories in it, each with its path in the listing (`""`, `"sub/"`).
    var watches: [(watch: Inotify.Watch, prefix: String)] = []
    /// Why it is not watched, where it should be.
    var watchProblem: SystemError?
  }

  let fileSystem: FileSystem
  let path: String
  let inotify: Inotify?
  let locks: ServiceLocks?

  /// Makes sure that no other daemon works on the drop directory, watches it, then lists it. Throws an error for which
  /// `isInUse` holds if one does.
  func list() throws(SystemError) -> (listing: Listing, kind: FileSystemKind) {
    let directory = try fileSystem.openDirectory(path)
    try hold(directory)
    let kind = try directory.fileSystemKind()
    var listing = Listing(own: EntryStatus(try directory.ownStatus()))
    watch(directory, prefix: "", isWanted: !kind.isRemote, &listing)
    try list(directory, prefix: "", into: &listing)
    return (listing, kind)
  }

  /// Changes the drop directory's times to what they are, of which the kernel tells those who watch it; false where that is
  /// not allowed.
  func touch() -> Bool {
    do {
      try fileSystem.openDirectory(path).setSameTimes(for: "self-test")
      return true
    } catch {
      return false
    }
  }

  private func hold(_ directory: Directory) throws(SystemError) {
    do throws(ServiceFailure) {
      try locks?.hold(directory)
    } catch {
      throw SystemError(call: "use", object: "'\(path)'", errno: EBUSY, detail: error.description)
    }
  }

  /// Watches a folder and all folders in it, then lists them; nil when it is gone or no folder.
  func list(_ parents: inout Parents) -> Result<Listing?, SystemError> {
    do throws(SystemError) {
      return .success(try listTree(try parents.top()))
    } catch {
      return error.isMissing || error.isNotDirectory ? .success(nil) : .failure(error)
    }
  }

  private func listTree(_ top: Directory) throws(SystemError) -> Listing {
    var listing = Listing(own: EntryStatus(try top.ownStatus()))
    var waiting: [(directory: Directory, prefix: String)] = [(top, "")]
    while let (directory, prefix) = waiting.popLast() {
      watch(directory, prefix: prefix, isWanted: true, &listing)
      let first = listing.entries.count
      try list(directory, prefix: prefix, into: &listing)
      for (name, status) in listing.entries[first...] where status.kind == .directory {
        guard let inner = try open(directory, String(name.dropFirst(prefix.count)), &listing) else {
          continue
        }
        waiting.append((inner, name + "/"))
      }
    }
    return listing
  }

  /// A folder in a set that cannot be opened hides what it holds: it makes no set.
  private func open(_ directory: Directory, _ name: String, _ listing: inout Listing) throws(SystemError)
    -> Directory?
  {
    do {
      return try directory.openDirectory(name)
    } catch  where error.isMissing || error.isNotDirectory {
      return nil
    } catch  where error.isPermission {
      listing.strange[name] = error.description
      return nil
    }
  }

  private func watch(_ directory: Directory, prefix: String, isWanted: Bool, _ listing: inout Listing) {
    guard isWanted, let inotify else { return }
    do {
      listing.watches.append((try inotify.add(directory), prefix))
    } catch {
      listing.watchProblem = error
    }
  }

  private func list(_ directory: Directory, prefix: String, into listing: inout Listing) throws(SystemError) {
    for name in try directory.entriesOnce() {
      guard let status = try directory.status(name) else { continue }
      if let why = Self.strangeness(of: name) {
        listing.strange[prefix + name.description] = why
      } else {
        listing.entries.append((prefix + (name.string ?? ""), EntryStatus(status)))
      }
    }
  }

  /// Why no set can have this name; nil for ordinary ones.
  static func strangeness(of name: EntryName) -> String? {
    guard let text = name.string else { return "its name is not UTF-8" }
    return DropName.isPlain(text) ? nil : "its name has control characters"
  }

  /// Looks at single names of the drop directory; a status is nil for those that are gone. Nil if the path does not
  /// lead to the directory any more that was `own` once.
  func look(_ names: [EntryName], in own: EntryStatus?) throws(SystemError)
    -> [(name: EntryName, status: EntryStatus?)]?
  {
    let directory: Directory
    do { directory = try fileSystem.openDirectory(path) } catch {
      if own != nil { return nil }
      throw error
    }
    if let own, try !directory.ownStatus().isSameFile(as: own.identity) { return nil }
    var found: [(name: EntryName, status: EntryStatus?)] = []
    for name in names { found.append((name, try directory.status(name).map { EntryStatus($0) })) }
    return found
  }
}

extension EntryStatus {
  /// Takes over what the system floor says.
  init(_ status: FileStatus) {
    let kind: Kind =
      switch status.kind {
      case .regular: .regular
      case .directory: .directory
      default: .special(status.kind.rawValue)
      }
    self.init(
      kind: kind,
      identity: ImportCore.FileIdentity(
        device: status.device, inode: status.inode, size: status.size, modified: status.modificationTime,
        changed: status.changeTime),
      links: status.links, owner: status.owner, mode: status.mode)
  }
}
