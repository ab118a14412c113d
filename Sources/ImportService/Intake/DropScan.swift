import Glibc
import ImportCore
import ImportSystem

/// Looks at a drop directory as a whole. Every method blocks and belongs on a worker. What is in it is looked at in a
/// ``DropVisit``.
struct DropScan: Sendable {
  /// A name and what it was seen to be.
  typealias Named = (name: String, status: EntryStatus)

  /// The watches on a directory and on those in it.
  struct Watches: Sendable {
    /// Each with its path in the listing (`""`, `"sub/"`).
    var all: [(watch: Inotify.Watch, prefix: String)] = []
    /// Why one is missing that there should be.
    var problem: SystemError?
  }

  /// What one directory holds.
  struct Listing: Sendable {
    var own: EntryStatus
    var entries: [Named] = []
    /// Names that no set can have, and why.
    var strange: [String: String] = [:]
  }

  let fileSystem: FileSystem
  let path: String
  let inotify: Inotify?
  let locks: ServiceLocks?

  /// Makes sure that no other daemon works on the drop directory, watches it, then lists it. Throws an error for which
  /// `isInUse` holds if one does.
  func list() throws(SystemError) -> (listing: Listing, watches: Watches, kind: FileSystemKind) {
    let directory = try fileSystem.openDirectory(path)
    try hold(directory)
    let kind = try directory.fileSystemKind()
    var listing = Listing(own: EntryStatus(try directory.ownStatus()))
    var watches = Watches()
    watch(directory, prefix: "", isWanted: !kind.isRemote, &watches)
    try list(directory, prefix: "", into: &listing)
    return (listing, watches, kind)
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

  func watch(_ directory: Directory, prefix: String, isWanted: Bool, _ watches: inout Watches) {
    guard isWanted, let inotify else { return }
    do {
      watches.all.append((try inotify.add(directory), prefix))
    } catch {
      watches.problem = watches.problem ?? error
    }
  }

  /// Lists a directory that was opened for this.
  func list(_ directory: Directory, prefix: String, into listing: inout Listing) throws(SystemError) {
    for name in try directory.entriesOnce() {
      guard let status = try directory.status(name).map({ EntryStatus($0) }) else { continue }
      if let why = Self.strangeness(of: name) {
        listing.strange[prefix + name.description] = why
      } else {
        listing.entries.append((prefix + (name.string ?? ""), status))
      }
    }
  }

  /// Why no set can have this name; nil for ordinary ones.
  static func strangeness(of name: EntryName) -> String? {
    guard let text = name.string else { return "its name is not UTF-8" }
    return DropName.isPlain(text) ? nil : "its name has control characters"
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
