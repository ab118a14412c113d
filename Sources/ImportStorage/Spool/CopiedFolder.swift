import ImportCore
import ImportSystem

/// Why a copy was given up.
enum CopyFailure: Error {
  /// The original changed, or is open for writing: the set stays in the drop directory.
  case changed(String)
  /// A call failed.
  case system(SystemError)

  static func catching<Value>(_ body: () throws(SystemError) -> Value) throws(CopyFailure) -> Value {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
  }

  /// The reason for which the set is left; throws what is no such reason.
  func problem() throws(SystemError) -> String {
    switch self {
    case .changed(let problem): return problem
    case .system(let error) where error.isInUse || error.isMissing: return error.description
    case .system(let error): throw error
    }
  }
}

/// A folder of a set that was copied: where it is below the set's folder, and each file's status when it was copied.
struct CopiedFolder {
  /// Names of the folders that lead to it; empty for the set's own folder.
  let path: [String]
  /// The copied files in the order of their names' bytes.
  let files: [(name: String, status: FileStatus)]
  /// Names of ignored files that lie beside them.
  let litter: [String]

  /// Copies all regular files below `original`, parents before their sub-folders. The files must look as they did when the
  /// copy began, but for litter: that somebody uses it, or that it cannot be read, is no reason to wait. Everything is synced on
  /// return.
  static func copyTree(of original: Directory, into copy: Directory, _ progress: WorkProgress)
    throws(CopyFailure) -> [CopiedFolder]
  {
    let seen = try CopyFailure.catching { () throws(SystemError) in try original.foldersBelow() }
    var folders: [CopiedFolder] = []
    for folder in seen {
      let (from, into) = try CopyFailure.catching { () throws(SystemError) in
        if let name = folder.path.last {
          try copy.openStepwise(folder.path.dropLast(), for: "claim").makeDirectory(
            name, mode: Spool.mode, for: "claim")
        }
        return (
          try original.openStepwise(folder.path[...], for: "claim"),
          try copy.openStepwise(folder.path[...], for: "claim")
        )
      }
      var files: [(String, FileStatus)] = []
      var litter: [String] = []
      let isAllLitter = folder.path.contains { Litter.isLitter($0.utf8) }
      for (name, status) in folder.files {
        if isAllLitter || Litter.isLitter(name.utf8) {
          litter.append(name)
          try CopyFailure.catching { () throws(SystemError) in try into.copyLitter(name, from: from) }
        } else {
          files.append((name, try into.copyStable(name, from: from, seen: status, progress)))
        }
      }
      folders.append(CopiedFolder(path: folder.path, files: files, litter: litter))
    }
    for folder in folders.reversed() {
      try CopyFailure.catching { () throws(SystemError) in
        try copy.openStepwise(folder.path[...], for: "claim").sync(for: "claim")
      }
    }
    return folders
  }

  /// Removes the originals of this folder's files, and the folder itself, unless it is the set's own, where nothing is left
  /// in it. What was replaced since it was copied stays.
  func removeOriginals(below original: Directory) throws(SystemError) {
    let folder: Directory
    do { folder = try original.openStepwise(path[...], for: "claim") } catch
      where error.isMissing || error.isNotDirectory
    { return }
    for (index, file) in files.enumerated() {
      try OriginalRemoval(folder, file.name, UInt64(index)) { found throws(SystemError) in
        try found.status().isSameContent(as: file.status)
      }.perform()
    }
    for name in litter { try folder.removeIfThere(name, for: "claim") }
    guard let name = path.last else { return }
    try original.openStepwise(path.dropLast(), for: "claim").removeDirectoryIfEmpty(name, for: "claim")
  }
}

extension Directory {
  /// Copies one file that is not changed meanwhile, and verifies the copy. Where the file system has leases, one is held, so
  /// that a program that opens the file for writing waits until the copy has been given up.
  func copyStable(
    _ name: String, from: Directory, seen: FileStatus, _ progress: WorkProgress
  ) throws(CopyFailure) -> FileStatus {
    let result = try CopyFailure.catching { () throws(SystemError) -> FileStatus? in
      let original = try from.openForReading(name, for: "claim")
      guard try original.status().identity == seen.identity else { return nil }
      let lease = try original.takeReadLease()
      let digest = try copy(original, as: name, mode: 0o640, for: "claim") { () throws(SystemError) in
        try progress.step(original.path)
        if lease?.isIntact == false {
          throw SystemError(
            call: "copy", object: "'\(original.path)'", errno: 16, detail: "a program opens it for writing")
        }
      }
      let after = try original.status()
      guard lease?.isIntact != false, after.isSameContent(as: seen) else { return nil }
      // Another file that was renamed over this one changes its ctime, and nothing else.
      guard after.changeTime == seen.changeTime || after.links == 0 else { return nil }
      let copied = try openForReading(name, for: "claim").sha256(progress).digest
      guard digest == copied else {
        throw SystemError(
          call: "copy", object: "'\(original.path)'", errno: 5, detail: "the copy has other bytes")
      }
      return after
    }
    guard let result else { throw .changed("'\(name)' changed while it was being copied") }
    return result
  }

  /// Copies a file that is ignored as it is just now, if it can be read.
  fileprivate func copyLitter(_ name: String, from: Directory) throws(SystemError) {
    let file: OpenFile
    do { file = try from.openForReading(name, for: "claim") } catch
      where error.isMissing || error.isPermission || error.isInUse || error.isNotRegularFile
    { return }
    _ = try copy(file, as: name, mode: 0o640, for: "claim")
  }

  /// Lists this directory and all below it, with their regular files, parents first. Holds two descriptors at most.
  fileprivate func foldersBelow() throws(SystemError) -> [(path: [String], files: [(String, FileStatus)])] {
    var found: [(path: [String], files: [(String, FileStatus)])] = []
    var pending: [[String]] = [[]]
    while let path = pending.popLast() {
      let folder: Directory
      let names: [String]
      do throws(SystemError) {
        folder = try openStepwise(path[...], for: "claim")
        names = try folder.sortedNames()
      } catch  where error.isPermission && path.contains(where: { Litter.isLitter($0.utf8) }) {
        continue
      }
      var files: [(String, FileStatus)] = []
      for name in names {
        guard let status = try folder.status(name) else { continue }
        switch status.kind {
        case .directory: pending.append(path + [name])
        case .regular: files.append((name, status))
        default: continue  // litter: it stays where it is
        }
      }
      found.append((path, files))
    }
    return found
  }
}
