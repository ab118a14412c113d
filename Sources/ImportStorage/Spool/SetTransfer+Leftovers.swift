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
    let isAllLitter = path.contains { Litter.isLitter($0.utf8) }
    var index: UInt64 = 0
    // The copy is complete and changes no more, so each file has the number by which it was set aside.
    for name in try copy.sortedNames() {
      if isAllLitter || Litter.isLitter(name.utf8), try folder.status(name)?.kind == .regular {
        try folder.removeIfThere(name, for: "claim")
      }
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

/// Removal of an original that was copied. An exporter may rename a new file over the original at any moment, so the name
/// is moved aside first, where no exporter looks for it, and removed only if it still is the file that was copied.
struct OriginalRemoval {
  private let directory: Directory
  private let name: String
  /// Where the original stands between its removal from its place and the check that it is the copied one.
  private let aside: String
  private let isCopied: (OpenFile) throws(SystemError) -> Bool

  /// Takes where the original is, a number that no other original there has and that is the same after a crash, and a
  /// check whether a file is the one that was copied.
  init(
    _ directory: Directory, _ name: String, _ number: UInt64,
    isCopied: @escaping (OpenFile) throws(SystemError) -> Bool
  ) {
    self.directory = directory
    self.name = name
    aside = ".haplo-importd.\(number).part"
    self.isCopied = isCopied
  }

  /// Removes the file if it is the copied one and no program has it open for writing; any other stays under its name.
  /// Finishes what a crash left aside.
  func perform() throws(SystemError) {
    try settle()
    guard let found = try directory.status(name), found.kind == .regular else { return }
    // Most files that were replaced are found so without being touched.
    guard try isCopied(directory.openForReading(name, for: "claim")) else { return }
    do {
      try directory.rename(name, to: directory, as: aside, for: "claim")
    } catch  where error.isMissing {
      return
    }
    try settle()
  }

  /// Removes the file that stands aside, or gives it its name back. If the exporter has put another file there meanwhile,
  /// neither is touched: the file stays aside.
  private func settle() throws(SystemError) {
    guard try directory.status(aside) != nil else { return }
    if try isFinished() { return try directory.unlink(aside, for: "claim") }
    do { try directory.rename(aside, to: directory, as: name, for: "claim") } catch  where error.exists {}
  }

  /// True if the file is the copied one and nobody writes to it. A lease is held while that is found out.
  private func isFinished() throws(SystemError) -> Bool {
    do {
      let file = try directory.openForReading(aside, for: "claim")
      let lease = try file.takeReadLease()
      guard try isCopied(file) else { return false }
      return lease?.isIntact != false
    } catch  where error.isInUse || error.isNotRegularFile {
      return false
    }
  }
}
