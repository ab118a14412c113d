extension Directory {
  /// One file below a directory.
  public struct TreeFile: Sendable {
    /// The path from the directory where the walk began: `notes/readme.txt`.
    public let path: String
    /// The directory that holds it.
    public let directory: Directory
    /// Its name there.
    public let name: String
    /// What it was when it was met.
    public let status: FileStatus

    /// Takes where a file is and what it was.
    public init(path: String, directory: Directory, name: String, status: FileStatus) {
      self.path = path
      self.directory = directory
      self.name = name
      self.status = status
    }
  }

  /// Lists everything below this directory that is no directory, in the order of the paths. Links are listed, never
  /// followed; names that are not UTF-8 are left out.
  public func tree() throws(SystemError) -> [TreeFile] {
    var files: [TreeFile] = []
    try collect(try entries(), into: &files, prefix: "")
    return files.sorted { $0.path < $1.path }
  }

  /// The same without the files of this directory that `known` names, which are not looked at. What is in a directory of
  /// such a name is listed. To be asked once, by whoever opened the directory for it.
  public func treeOnce(leavingOut known: Set<String>) throws(SystemError) -> [TreeFile] {
    var files: [TreeFile] = []
    let names = Set(known.map { EntryName($0) })  // by bytes: String takes two Unicode forms for one
    try collect(try entriesOnce(leavingOutFiles: names), into: &files, prefix: "")
    return files.filter { !names.contains(EntryName($0.path)) }.sorted { $0.path < $1.path }
  }

  private func collect(
    _ entries: [EntryName], into files: inout [TreeFile], prefix: String
  ) throws(SystemError) {
    for name in entries.compactMap(\.string) {
      guard let status = try status(name) else { continue }
      if status.kind == .directory {
        let inner = try openDirectory(name)
        try inner.collect(try inner.entriesOnce(), into: &files, prefix: prefix + name + "/")
      } else {
        files.append(TreeFile(path: prefix + name, directory: self, name: name, status: status))
      }
    }
  }
}
