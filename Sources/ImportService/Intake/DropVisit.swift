import ImportCore
import ImportSystem

/// One visit to a drop directory, and to one folder in it where there is one to be looked at. What it has opened stays open
/// until its end, for many files of a set lie in the same directory; the next visit opens everything anew, so that between
/// two nothing keeps a removed or replaced directory alive. A folder that is replaced during a visit is told by the claim,
/// which compares what it takes with what was judged. Every method blocks and belongs on a worker.
struct DropVisit {
  let scan: DropScan
  /// The folder as a list of one name; nil for the drop directory's own files.
  let folder: [String]?
  private var drop: Directory?
  private var open: [String: Directory] = [:]
  private var isListed = false

  init(_ scan: DropScan, _ folder: String?) {
    self.scan = scan
    self.folder = folder.map { [$0] }
  }

  /// A visit to a folder, beside this one.
  func visit(to folder: String) -> DropVisit {
    var visit = DropVisit(scan, folder)
    visit.drop = drop
    return visit
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
    var parts = name.split(separator: "/").map(String.init)
    let last = parts.popLast() ?? ""
    return (try directory(parts), last)
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
    guard let directory = try? dropDirectory(), try directory.ownStatus().isSameFile(as: own.identity) else {
      return nil
    }
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

  private func listTree(_ top: Directory) throws(SystemError) -> DropScan.Listing {
    var listing = DropScan.Listing(own: EntryStatus(try top.ownStatus()))
    var waiting: [(directory: Directory, prefix: String)] = [(top, "")]
    while let (directory, prefix) = waiting.popLast() {
      scan.watch(directory, prefix: prefix, isWanted: !isListed || !prefix.isEmpty, &listing)
      let first = listing.entries.count
      try scan.list(directory, prefix: prefix, into: &listing)
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
