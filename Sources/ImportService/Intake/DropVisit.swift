import ImportCore
import ImportSystem

/// One visit to a drop directory, and to one folder in it where there is one to be looked at. What it has opened stays open
/// until its end, for many files of a set lie in the same directory, and longer only where its set is complete and alone
/// (``OpenFolder``); the next visit opens everything anew, so that between two nothing keeps a removed or replaced directory
/// alive. A folder that is replaced during a visit is told by the claim,
/// which compares what it takes with what was judged. Every method blocks and belongs on a worker.
struct DropVisit {
  let scan: DropScan
  /// The folder as a list of one name; nil for the drop directory's own files.
  let folder: [String]?
  private var drop: Directory?
  private var open: [String: Directory] = [:]
  /// Files of the folder itself that were opened, and are read again or handed to who takes the set.
  private var files: [String: OpenFile] = [:]
  private var isListed = false
  /// What stands in the folder itself, as it was when it was last looked at.
  private var seen: [String: EntryStatus] = [:]
  /// The watches on the folder and the folders in it, whatever became of the listing.
  private(set) var watches = DropScan.Watches()
  /// What the drop directory and the folder were when they were last looked at.
  private(set) var dropStatus: FileStatus?
  private(set) var folderStatus: FileStatus?

  init(_ scan: DropScan, _ folder: String?) {
    self.scan = scan
    self.folder = folder.map { [$0] }
  }

  /// A visit to a folder, beside this one.
  func visit(to folder: String) -> DropVisit {
    var visit = DropVisit(scan, folder)
    visit.drop = drop
    visit.dropStatus = dropStatus
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
    var parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    let last = parts.popLast() ?? ""
    return (try directory(parts), last)
  }

  /// Opens a file that was seen to be a regular one, and says what it was then or when it was last looked at: whoever reads it
  /// compares that with what it is afterwards.
  mutating func openFile(_ name: String) throws(SystemError) -> (OpenFile, EntryStatus) {
    if let file = files[name], let status = seen[name] { return (file, status) }
    let (directory, last) = try parent(of: name)
    let (file, status) = try open(last, in: directory, seen[name])
    if folder != nil, last == name, files.count < OpenFolder.mostFiles {
      files[name] = file
      seen[name] = status
    }
    return (file, status)
  }

  private func open(_ name: String, in directory: Directory, _ seen: EntryStatus?) throws(SystemError) -> (
    OpenFile, EntryStatus
  ) {
    if let seen, seen.kind == .regular {
      return (try directory.openUnexamined(along: [name], for: "read"), seen)
    }
    let (file, status) = try directory.openForReading(along: [name], for: "read")
    return (file, EntryStatus(status))
  }

  /// Takes in what an open file was seen to be; one that has lost its name, or is no file, is not kept.
  mutating func keep(_ name: String, _ status: EntryStatus) {
    seen[name] = status
    if status.links == 0 || status.kind != .regular { files[name] = nil }
  }

  /// Opens this anew when it is wanted again, as what it is now.
  mutating func close(_ name: String, _ status: EntryStatus?) {
    files[name] = nil
    seen[name] = status
  }

  /// The folder with what was opened in it, where that is all that its set consists of.
  func openFolder(_ subject: Completeness.Subject) -> OpenFolder? {
    guard folder != nil, let directory = open[""], let drop else { return nil }
    let listing = subject.index.entries.map { (name: $0.key.text, status: $0.value.status) }
    guard listing.allSatisfy({ files[$0.name] != nil }) else { return nil }
    return OpenFolder(
      parent: drop, directory: directory, listing: listing, files: files)
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
      let listing = try listTree(top)
      takeIn(listing)
      return .success(listing)
    } catch {
      return error.isMissing || error.isNotDirectory ? .success(nil) : .failure(error)
    }
  }

  /// An open file that has another one in its place by now is not the set's any more.
  private mutating func takeIn(_ listing: DropScan.Listing) {
    let before = seen
    seen = Dictionary(listing.entries.map { ($0.name, $0.status) }) { first, _ in first }
    files = files.filter { name, _ in
      guard let before = before[name], let now = seen[name] else { return false }
      return now.identity.isSameObject(as: before.identity)
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
      // What is open was looked at just now; its name still leads to it if the listing has its inode.
      try scan.list(
        directory, prefix: prefix, known: prefix.isEmpty ? seen.filter { files[$0.key] != nil } : [:],
        into: &listing)
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
