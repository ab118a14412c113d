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

  /// Takes where an entry is and what it was.
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

  /// Takes the directory where the walk begins.
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
