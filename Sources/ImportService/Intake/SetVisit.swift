import Glibc
import ImportCore
import ImportStorage
import ImportSystem

/// One visit to a folder of a drop directory, or to the directory's own files. It holds open no more than the drop directory, the
/// folder and one directory in it; between two visits nothing stays open that could keep a removed directory alive. A folder that
/// is replaced during a visit is noticed by the claim, which compares what it renames with what was judged. Every method blocks.
struct SetVisit {
  /// How listing a folder ends.
  enum ListResult {
    case listed(DirectoryScanner.Listing)
    /// It is not there any more, or no folder.
    case gone
    /// It cannot be listed.
    case closed(EntryObstacle)
  }

  let scanner: DirectoryScanner
  /// The drop directory as it was scanned.
  let own: EntryStatus
  /// The folder's name; nil for the drop directory's own files.
  let folder: String?
  /// True if the source has a control file of its own (`ControlFile=`).
  let hasFixedControl: Bool
  var access: SetAccess
  private var drop: Directory?
  private var top: Directory?
  private var inner: (path: ExactText, directory: Directory)?
  private var isListed = false
  /// The watches on the folder and the folders in it, whatever came of the listing.
  private(set) var watches = DirectoryScanner.Watches()
  /// Why the folder cannot be moved out, where that is so.
  private(set) var moveObstacle: EntryObstacle?

  init(_ scanner: DirectoryScanner, own: EntryStatus, folder: String?, hasFixedControl: Bool) {
    self.scanner = scanner
    self.own = own
    self.folder = folder
    self.hasFixedControl = hasFixedControl
    access = SetAccess(
      path: scanner.path + (folder.map { "/" + $0 } ?? ""), mayGrant: scanner.locks != nil,
      isFlat: folder == nil)
  }

  /// The drop directory, if the path still leads to the one that was scanned.
  mutating func dropDirectory() throws(SystemError) -> Directory {
    if let drop { return drop }
    let directory = try scanner.fileSystem.openItself(scanner.path)
    guard try directory.ownStatus().isSameFile(as: own.identity) else {
      throw SystemError(call: "open", object: "'\(scanner.path)'", errno: ENOENT, detail: "it was replaced")
    }
    drop = directory
    return directory
  }

  /// What a file is; nil if it is gone or cannot be reached. The empty path is the folder itself.
  mutating func status(of path: String) -> EntryStatus? {
    if path.isEmpty { return (try? topDirectory().ownStatus()).map { EntryStatus($0) } }
    guard let (directory, name) = try? parent(of: path) else { return nil }
    return (try? directory.status(name))?.map { EntryStatus($0) }
  }

  /// Opens a file that was seen to be a regular one, and says what it is now.
  mutating func openFile(_ path: String) throws(SystemError) -> (OpenFile, EntryStatus) {
    let (directory, name) = try parent(of: path)
    let (file, status) = try directory.openForReading(along: [name], for: "read")
    return (file, EntryStatus(status))
  }

  /// The directory in which a file lies, and its own name.
  mutating func parent(of path: String) throws(SystemError) -> (Directory, String) {
    var parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    let last = parts.popLast() ?? ""
    return (try directory(parts), last)
  }

  private mutating func topDirectory() throws(SystemError) -> Directory {
    if let top { return top }
    let drop = try dropDirectory()
    let directory = try folder.map { name throws(SystemError) in try drop.openDirectory(name) } ?? drop
    top = directory
    return directory
  }

  private mutating func directory(_ parts: [String]) throws(SystemError) -> Directory {
    let top = try topDirectory()
    if parts.isEmpty { return top }
    let path = ExactText(parts.joined(separator: "/"))
    if let inner, inner.path == path { return inner.directory }
    let directory = try top.openFar(parts)
    inner = (path, directory)
    return directory
  }
}

extension SetVisit {
  /// Watches the folder and all folders in it, then lists them. May be asked again in the same visit, for what has come meanwhile.
  mutating func list() -> ListResult {
    do throws(SystemError) {
      if let obstacle = try enterFolder() { return .closed(obstacle) }
      let directory = try topDirectory()
      if isListed { try directory.rewind() }
      defer { isListed = true }
      let listing = try listTree(directory)
      return listing.isCut ? .closed(Self.tooMuch) : .listed(listing)
    } catch {
      if error.isMissing || error.isNotDirectory { return .gone }
      return .closed(
        EntryObstacle(error.description, remedy: "let the daemon's user or group read and enter it"))
    }
  }

  private static let tooMuch = EntryObstacle(
    "it holds more than \(DirectoryScanner.mostEntries) files and folders, or names of more than "
      + "\(DirectoryScanner.mostBytes >> 20) MB, which is more than the daemon keeps in memory",
    remedy: "split the set, or pack its files")

  /// Makes sure that the folder may be listed and moved; returns why it may not be listed.
  private mutating func enterFolder() throws(SystemError) -> EntryObstacle? {
    guard let folder, !isListed else { return nil }
    let drop = try dropDirectory()
    try findOwner()
    if let obstacle = access.obstacle([.read, .enter], to: folder, in: drop, as: nil) { return obstacle }
    moveObstacle = access.obstacle([.write, .enter], to: folder, in: drop, as: nil)
    return nil
  }

  /// Finds out whose the set is: the owner of its folder, or, of a flat set, of its control file.
  mutating func findOwner() throws(SystemError) {
    guard access.owner == .nobody else { return }
    if folder == nil && hasFixedControl {
      access.owner = .anybody
    } else if let status = try dropDirectory().status(folder ?? DropName.control) {
      access.owner = .user(status.owner)
    }
  }

  private mutating func listTree(_ top: Directory) throws(SystemError) -> DirectoryScanner.Listing {
    var listing = DirectoryScanner.Listing(own: EntryStatus(try top.ownStatus()))
    var waiting: [[String]] = [[]]
    while let parts = waiting.popLast(), !listing.isCut {
      // By its path from the top, so that a deep folder needs no descriptor for each level.
      guard let directory = try parts.isEmpty ? top : open(parts, in: top) else { continue }
      let prefix = parts.map { $0 + "/" }.joined()
      if !isListed || !parts.isEmpty { scanner.watch(directory, prefix: prefix, &watches) }
      let first = listing.entries.count
      try scanner.list(directory, prefix: prefix, into: &listing)
      for (path, status) in listing.entries[first...] {
        let name = String(Substring(path.utf8.dropFirst(prefix.utf8.count)))
        guard status.kind == .directory else {
          if let obstacle = access.obstacle(toReading: name, status, in: directory, as: path) {
            listing.obstacles[path] = obstacle
          }
          continue
        }
        if parts.count + 1 >= DirectoryScanner.mostLevels {
          listing.obstacles[path] = Self.tooDeep
        } else if let obstacle = access.obstacle([.read, .enter], to: name, in: directory, as: path) {
          listing.obstacles[path] = obstacle
        } else {
          waiting.append(parts + [name])
        }
      }
    }
    return listing
  }

  private static let tooDeep = EntryObstacle(
    "it is nested deeper than \(DirectoryScanner.mostLevels) folders", remedy: "move it up, or pack its files"
  )

  /// Nil for a folder that is gone meanwhile.
  private func open(_ parts: [String], in top: Directory) throws(SystemError) -> Directory? {
    do { return try top.openFar(parts) } catch  where error.isMissing || error.isNotDirectory { return nil }
  }
}

extension Directory {
  /// Opens a directory below this one by a path of any length: a single call takes one of at most 4,095 bytes.
  fileprivate func openFar(_ parts: [String]) throws(SystemError) -> Directory {
    var place = self
    var next: [String] = []
    var length = 0
    for part in parts {
      if length + part.utf8.count + 1 > 4000 {
        place = try place.openDirectory(along: next)
        (next, length) = ([], 0)
      }
      next.append(part)
      length += part.utf8.count + 1
    }
    return try place.openDirectory(along: next)
  }
}
