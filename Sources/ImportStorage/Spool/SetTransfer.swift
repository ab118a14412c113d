import ImportCore
import ImportSystem

/// Brings the files of a claim from the drop directory into the set's own folder in `work/`, by renames or, from another
/// file system, by copies. Repeating it after a crash finishes what is left.
struct SetTransfer {
  let claim: Claim
  let drop: Directory
  /// The set's own folder.
  let own: Directory
  /// The folder of `work/` that holds it.
  let work: Directory
  let progress: WorkProgress

  /// Takes a folder as `files` into the set's own, of which `isNew` says that nothing can be in it.
  func takeFolder(isNew: Bool) throws(SystemError) -> ClaimOutcome {
    guard let item = claim.items.first else { return .withdrawn("the claim names nothing") }
    let isThere = try isNew ? false : own.status(Spool.filesName) != nil
    if isThere {
      try removeLeftover(of: item, in: own.openDirectory(Spool.filesName))
      return .taken
    }
    guard let found = try drop.status(item.name) else {
      return .withdrawn("the folder is not there any more")
    }
    guard found.isSameFile(as: item.identity), found.kind == .directory else {
      return .withdrawn("another folder is in its place")
    }
    do {
      try drop.rename(item.name, to: own, as: Spool.filesName, for: "claim")
    } catch  where error.crossesFileSystems {
      if let problem = try copyFolder(item) { return .withdrawn(problem) }
    }
    return .taken
  }

  /// Takes the files of a flat set into `files`.
  func takeFiles(into files: Directory) throws(SystemError) -> ClaimOutcome {
    for (index, item) in claim.items.enumerated() {
      do {
        guard let problem = try takeFile(item, into: files) else { continue }
        return try stopped(at: item, problem, files)
      } catch  where error.crossesFileSystems {
        var rest: [Claim.Item] = []
        for item in claim.items[index...] where try files.status(item.name) == nil { rest.append(item) }
        guard let problem = try copyFiles(rest, into: files) else { continue }
        return try stopped(at: item, problem, files)
      }
    }
    try files.discardCopy()
    return .taken
  }

  /// The end of a claim that cannot go on. It is withdrawn only if nothing was taken, by an earlier attempt either: a power cut can
  /// bring the first file back into the drop directory, and leave others here, or in both places.
  private func stopped(at item: Claim.Item, _ problem: String, _ files: Directory) throws(SystemError)
    -> ClaimOutcome
  {
    var hasTaken = false
    for other in claim.items {
      guard let there = try files.status(other.name) else { continue }
      try removeLeftover(of: other, whereTaken: there, in: files)
      hasTaken = true
    }
    return hasTaken ? .torn(.claimTorn(item.name, problem)) : .withdrawn(problem)
  }

  /// Takes one file by renaming it; returns what stands in the way.
  private func takeFile(_ item: Claim.Item, into files: Directory) throws(SystemError) -> String? {
    if let there = try files.status(item.name) {
      try removeLeftover(of: item, whereTaken: there, in: files)
      return nil
    }
    guard let found = try drop.status(item.name) else { return "'\(item.name)' is not there any more" }
    guard found.isCore(item.identity), found.changeTime == item.identity.changed else {
      return "'\(item.name)' was replaced or changed during the claim"
    }
    try drop.rename(item.name, to: files, as: item.name, for: "claim")
    guard let moved = try files.status(item.name), moved.isCore(item.identity) else {
      return "'\(item.name)' was replaced at the moment of the claim"
    }
    return nil
  }

  /// Makes durable what leads to the files, and `files` itself where they lie in it one by one. Before this no original may
  /// be removed.
  func syncWay(to files: Directory? = nil) throws(SystemError) {
    for directory in [files].compactMap(\.self) + [own, work] { try directory.sync(for: "claim") }
  }
}

/// Copies a set's files where they cannot be renamed, because the drop directory is on another file system. The files are
/// copied into a temporary folder, verified and synced, put in place together, and only then removed from the drop
/// directory: the disks lose power together, but neither waits for the other, so every directory that leads to the copy is
/// synced before. A crash leaves either no copy or a whole one, and the original until then.
extension SetTransfer {
  /// Copies a folder with its sub-folders, then removes the files that were copied. A file that was replaced or added
  /// meanwhile stays, with its folder.
  ///
  /// - Returns: why the set was left in the drop directory; nil if it was taken.
  func copyFolder(_ item: Claim.Item) throws(SystemError) -> String? {
    let original = try drop.openDirectory(item.name, for: "claim")
    guard try original.ownStatus().isSameFile(as: item.identity) else {
      return "another folder is in its place"
    }
    try own.discardCopy()
    let copy = try own.makeDirectory(Directory.copyName, mode: Spool.mode, for: "claim")
    var copied: [CopiedFolder] = []
    do throws(CopyFailure) {
      copied = try CopiedFolder.copyTree(of: original, into: copy, progress)
    } catch {
      try own.discardCopy()
      return try error.problem()
    }
    try own.rename(Directory.copyName, to: own, as: Spool.filesName, for: "claim")
    try syncWay()
    for folder in copied.reversed() { try folder.removeOriginals(below: original) }
    try drop.removeDirectoryIfEmpty(item.name, for: "claim")
    return nil
  }

  /// Copies files of a flat set, then removes those that were copied.
  ///
  /// - Returns: why they were left in the drop directory; nil if all were taken.
  func copyFiles(_ items: [Claim.Item], into files: Directory) throws(SystemError) -> String? {
    try files.discardCopy()
    let copy = try files.makeDirectory(Directory.copyName, mode: Spool.mode, for: "claim")
    var copied: [FileStatus] = []
    do throws(CopyFailure) {
      for item in items {
        guard let found = try CopyFailure.catching({ () throws(SystemError) in try drop.status(item.name) })
        else { throw .changed("'\(item.name)' is not there any more") }
        guard found.isCore(item.identity), found.changeTime == item.identity.changed else {
          throw .changed("'\(item.name)' was replaced or changed during the claim")
        }
        copied.append(try copy.copyStable(item.name, from: drop, seen: found, progress))
      }
    } catch {
      try files.discardCopy()
      return try error.problem()
    }
    for item in items { try copy.rename(item.name, to: files, as: item.name, for: "claim") }
    try syncWay(to: files)
    for (item, status) in zip(items, copied) {
      try OriginalRemoval(drop, item.name, item.identity.inode) { file throws(SystemError) in
        try file.status().isSameContent(as: status)
      }.perform()
    }
    try files.removeDirectory(Directory.copyName, for: "claim")
    return nil
  }
}

extension Directory {
  /// The folder in which the files are copied, in that of the set or, for a flat set, in `files`.
  static let copyName = ".files.new"

  /// Removes a copy that a crash left half-made. No original of these files was removed: that begins only when they are
  /// in `files`, durably.
  func discardCopy() throws(SystemError) {
    guard try status(Self.copyName) != nil else { return }
    try removeTree(Self.copyName, for: "claim")
  }
}
