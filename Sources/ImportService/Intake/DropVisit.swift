import ImportCore
import ImportSystem

/// One visit to a drop directory, and to one folder in it where there is one to be looked at. Directories stay open
/// until its end, for many files of a set lie in the same one; the next visit opens everything anew, so that between two nothing keeps a removed or replaced directory
/// alive. A folder that is replaced during a visit is told by the claim,
/// which compares what it takes with what was judged. Every method blocks and belongs on a worker.
struct DropVisit {
  let scan: DropScan
  /// The folder as a list of one name; nil for the drop directory's own files.
  let folder: [String]?
  private var drop: Directory?
  private var open: [String: Directory] = [:]
  private var isListed = false
  /// The watches on the folder and the folders in it, whatever became of the listing.
  private(set) var watches = DropScan.Watches()
  /// What the drop directory and the folder were when they were last looked at.
  private(set) var dropStatus: FileStatus?
  private(set) var folderStatus: FileStatus?

  init(_ scan: DropScan, _ folder: String?) {
    self.scan = scan
    self.folder = folder.map { [$0] }
  }

  /// The drop directory.
  mutating func dropDirectory() throws(SystemError) -> Directory {
    if let drop { return drop }
    let directory = try scan.fileSystem.openDirectory(scan.path)
    drop = directory
    return directory
  }

  /// The directory in which a file lies, and its own name.
  mutating func parent(of name: String) throws(SystemError) -> (Directory, String) {
    var parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    let last = parts.popLast() ?? ""
    return (try directory(parts), last)
  }

  /// Opens a file that was seen to be a regular one, and says what it is now.
  mutating func openFile(_ name: String) throws(SystemError) -> (OpenFile, EntryStatus) {
    let (directory, last) = try parent(of: name)
    let (file, status) = try directory.openForReading(along: [last], for: "read")
    return (file, EntryStatus(status))
  }

  /// What a file is; nil if it is gone or cannot be reached.
  mutating func status(of path: String) -> EntryStatus? {
    guard let (directory, name) = try? parent(of: path) else { return nil }
    return (try? directory.status(name))?.map { EntryStatus($0) }
  }

  private mutating func directory(_ parts: [String]) throws(SystemError) -> Directory {
    let place = parts.joined(separator: "/")
    if let directory = open[place] { return directory }
    var directory = try dropDirectory()
    for part in (folder ?? []) + parts { directory = try directory.openDirectory(part) }
    open[place] = directory
    return directory
  }
}

extension DropVisit {
  /// Looks at single names of the drop directory; a status is nil for those that are gone. Nil if the path does not
  /// lead to the directory any more that was `own` once.
  mutating func look(_ names: [EntryName], in own: EntryStatus) throws(SystemError) -> [(
    name: EntryName, status: EntryStatus?
  )]? {
    guard let directory = try? dropDirectory() else { return nil }
    let status = try directory.ownStatus()
    guard status.isSameFile(as: own.identity) else { return nil }
    dropStatus = status
    var found: [(name: EntryName, status: EntryStatus?)] = []
    for name in names { found.append((name, try directory.status(name).map { EntryStatus($0) })) }
    return found
  }

  /// Watches the folder and all folders in it, then lists them; nil when it is gone or no folder. May be asked again in the
  /// same visit, for what has come meanwhile.
  mutating func list() -> Result<DropScan.Listing?, SystemError> {
    do throws(SystemError) {
      let top = try directory([])
      if isListed { try top.rewind() }
      defer { isListed = true }
      return .success(try listTree(top))
    } catch {
      return error.isMissing || error.isNotDirectory ? .success(nil) : .failure(error)
    }
  }

  private mutating func listTree(_ top: Directory) throws(SystemError) -> DropScan.Listing {
    let status = try top.ownStatus()
    folderStatus = status
    var listing = DropScan.Listing(own: EntryStatus(status))
    var waiting: [(directory: Directory, prefix: String)] = [(top, "")]
    while let (directory, prefix) = waiting.popLast() {
      scan.watch(directory, prefix: prefix, isWanted: !isListed || !prefix.isEmpty, &watches)
      let first = listing.entries.count
      try scan.list(directory, prefix: prefix, into: &listing)
      for (name, status) in listing.entries[first...] where status.kind == .directory {
        guard
          let inner = try open(directory, String(Substring(name.utf8.dropFirst(prefix.utf8.count))), &listing)
        else {
          continue
        }
        waiting.append((inner, name + "/"))
      }
    }
    return listing
  }

  /// A folder in a set that cannot be opened hides what it holds: it makes no set.
  private func open(_ directory: Directory, _ name: String, _ listing: inout DropScan.Listing)
    throws(SystemError)
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
}
