import ImportCore
import ImportSystem

/// Removes originals that a crash or a power cut left in the drop directory of files that were taken.
extension SetTransfer {
  /// Removes the original of a file that was taken before a crash, if it is still there: a copy leaves it for a
  /// moment, and a power cut can bring back a renamed one. A file that was dropped since is another one and stays.
  func removeLeftover(of item: Claim.Item, whereTaken there: FileStatus, in files: Directory)
    throws(SystemError)
  {
    let isTaken = there.isCore(item.identity)
    try OriginalRemoval(drop, item.name, item.identity.inode) { found throws(SystemError) in
      guard try found.status().isCore(item.identity) else { return false }
      if !isTaken, try !found.hasSameBytes(as: files.openForReading(item.name, for: "claim")) { return false }
      // The program that copied it may have been killed before it had synced the way there.
      try syncWay(to: files)
      return true
    }.perform()
  }

  /// The same for a folder that was copied: its files go one by one, only where the copy has the same bytes.
  /// A folder that was renamed and that a power cut shows in both places is one and the same, and stays as it is.
  func removeLeftover(of item: Claim.Item, in files: Directory) throws(SystemError) {
    guard let found = try drop.status(item.name), found.isSameFile(as: item.identity),
      found.kind == .directory, try !files.ownStatus().isSameFile(as: found)
    else { return }
    try syncWay()
    let original = try drop.openDirectory(item.name, for: "claim")
    var pending: [[String]] = [[]]
    var visited: [[String]] = []
    while let path = pending.popLast() {
      visited.append(path)
      pending += try removeCopied(path, in: files, from: original)
    }
    for path in visited.reversed() {
      guard let name = path.last else { continue }
      try original.openStepwise(path.dropLast(), for: "claim").removeDirectoryIfEmpty(name, for: "claim")
    }
    try drop.removeDirectoryIfEmpty(item.name, for: "claim")
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
      try OriginalRemoval(folder, name, index) { found throws(SystemError) in
        try found.hasSameBytes(as: copy.openForReading(name, for: "claim"))
      }.perform()
      index += 1
    }
    return subfolders
  }
}
