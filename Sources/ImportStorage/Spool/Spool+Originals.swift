import ImportCore
import ImportSystem

/// Removes originals that were copied. An exporter may rename a new file over the original at any moment, so the name is
/// moved aside first, where no exporter looks for it, and removed only if it still is the file that was copied.
extension Spool {
  /// Removes the original of a file that was taken before a crash, if it is still there: a copy leaves it for a
  /// moment, and a power cut can bring back a renamed one. A file that was dropped since is another one and stays.
  func removeLeftover(
    of item: Claim.Item, whereTaken there: FileStatus, in files: Directory, below parents: [Directory],
    from drop: Directory
  ) throws(SystemError) {
    let isTaken = there.isCore(item.identity)
    try drop.removeOriginal(item.name, setAside: Directory.asideName(item.identity.inode)) {
      found throws(SystemError) in
      guard try found.status().isCore(item.identity) else { return false }
      if !isTaken, try !hasSameBytes(found, files.openForReading(item.name, for: "claim")) { return false }
      // The program that copied it may have been killed before it had synced the way there.
      for directory in [files] + parents { try directory.sync(for: "claim") }
      return true
    }
  }

  /// The same for a folder that was copied: its files go one by one, only where the copy has the same bytes.
  /// A folder that was renamed and that a power cut shows in both places is one and the same, and stays as it is.
  func removeLeftover(
    of item: Claim.Item, in files: Directory, below parents: [Directory], from drop: Directory
  ) throws(SystemError) {
    guard let found = try drop.status(item.name), found.isSameFile(as: item.identity),
      found.kind == .directory, try !files.ownStatus().isSameFile(as: found)
    else { return }
    for directory in parents { try directory.sync(for: "claim") }
    let original = try drop.openDirectory(item.name, for: "claim")
    var pending: [[String]] = [[]]
    var visited: [[String]] = []
    while let path = pending.popLast() {
      visited.append(path)
      pending += try removeCopied(path, in: files, from: original)
    }
    for path in visited.reversed() {
      guard let name = path.last else { continue }
      try original.openStepwise(path.dropLast(), for: "claim").removeEmptyDirectory(name, for: "claim")
    }
    try drop.removeEmptyDirectory(item.name, for: "claim")
  }

  /// Removes the originals of one folder's files, and returns its sub-folders that are in both places.
  private func removeCopied(_ path: [String], in files: Directory, from original: Directory)
    throws(SystemError) -> [[String]]
  {
    let copy = try files.openStepwise(path[...], for: "claim")
    let folder = try original.openStepwise(path[...], for: "claim")
    var subfolders: [[String]] = []
    var index: UInt64 = 0
    // The copy is complete and changes no more, so each file has the number by which it was set aside.
    for name in try copy.sortedNames() {
      if try copy.status(name)?.kind == .directory {
        if try folder.status(name)?.kind == .directory { subfolders.append(path + [name]) }
        continue
      }
      try folder.removeOriginal(name, setAside: Directory.asideName(index)) { found throws(SystemError) in
        try hasSameBytes(found, copy.openForReading(name, for: "claim"))
      }
      index += 1
    }
    return subfolders
  }

  /// True if both directories have a file of this name with the same bytes.
  func hasSameBytes(_ name: String, _ one: Directory, _ other: Directory) throws(SystemError) -> Bool {
    guard try other.status(name) != nil else { return false }
    return try hasSameBytes(
      one.openForReading(name, for: "claim"), other.openForReading(name, for: "claim"))
  }

  private func hasSameBytes(_ one: OpenFile, _ other: OpenFile) throws(SystemError) -> Bool {
    guard try one.status().size == other.status().size else { return false }
    return try one.sha256(.unwatched).digest == other.sha256(.unwatched).digest
  }
}

extension Directory {
  /// The name under which an original stands between its removal from its place and the check that it is the copied one.
  static func asideName(_ number: UInt64) -> String { ".haplo-importd.\(number).part" }

  /// Removes the file `name` if `isCopied` says that it is the one that was copied and no program has it open for writing;
  /// any other stays under its name. Finishes what a crash left under `aside`.
  func removeOriginal(
    _ name: String, setAside aside: String, isCopied: (OpenFile) throws(SystemError) -> Bool
  ) throws(SystemError) {
    try settle(aside, name, isCopied)
    guard let found = try status(name), found.kind == .regular else { return }
    // Most files that were replaced are found so without being touched.
    guard try isCopied(openForReading(name, for: "claim")) else { return }
    do {
      try rename(name, to: self, as: aside, for: "claim")
    } catch  where error.isMissing {
      return
    }
    try settle(aside, name, isCopied)
  }

  /// Removes the file that stands under `aside`, or gives it its name back. If the exporter has put another file there
  /// meanwhile, neither is touched: the file stays under `aside`.
  private func settle(
    _ aside: String, _ name: String, _ isCopied: (OpenFile) throws(SystemError) -> Bool
  ) throws(SystemError) {
    guard try status(aside) != nil else { return }
    if try isFinished(aside, isCopied) { return try unlink(aside, for: "claim") }
    do { try rename(aside, to: self, as: name, for: "claim") } catch  where error.exists {}
  }

  /// True if the file is the copied one and nobody writes to it. A lease is held while that is found out.
  private func isFinished(_ aside: String, _ isCopied: (OpenFile) throws(SystemError) -> Bool)
    throws(SystemError) -> Bool
  {
    do {
      let file = try openForReading(aside, for: "claim")
      let lease = try file.takeReadLease()
      guard try isCopied(file) else { return false }
      return lease?.isIntact != false
    } catch  where error.isInUse || error.isNotRegularFile {
      return false
    }
  }

  /// Removes a directory that is empty; one that is not, or is gone, is left.
  func removeEmptyDirectory(_ name: String, for purpose: String) throws(SystemError) {
    do {
      try removeDirectory(name, for: purpose)
    } catch  where error.isNotEmpty || error.exists || error.isMissing || error.isNotDirectory {}
  }
}
