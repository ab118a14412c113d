import Glibc
import ImportCore
public import ImportSystem

extension Spool {
  /// Grants the daemon access again to what a set brought: its owner, who may still be the exporter, can have taken the rights
  /// away after the claim. Only what belongs to the owner of the folder is touched; the files of a flat set, which lie in a
  /// folder of the daemon's, count each by itself. Blocks.
  ///
  /// - Parameter own: the set's own folder, which has `files/`.
  /// - Returns: How many entries were granted. What may not be granted is left out.
  /// - Throws: ``SystemError`` where the folder cannot be examined.
  public func grantAccess(toFilesIn own: Directory) throws(SystemError) -> Int {
    guard let files = try own.status(Self.filesName) else { return 0 }
    var count = 0
    func grant(_ name: String, in folder: Directory, _ status: FileStatus) {
      let need: AccessNeed = status.kind == .directory ? [.read, .write, .enter] : .read
      guard [.directory, .regular].contains(status.kind), folder.refusal(of: need, to: name) != nil else {
        return
      }
      let owner = files.owner == geteuid() ? status.owner : files.owner
      let isGranted = (try? folder.grantAccess(to: EntryName(name), need, ifOwnedBy: owner)) != nil
      if isGranted, folder.refusal(of: need, to: name) == nil { count += 1 }
    }
    grant(Self.filesName, in: own, files)
    try own.openDirectory(Self.filesName).visitTree(refused: { _ in }) { entry in
      grant(entry.name, in: entry.directory, entry.status)
    }
    return count
  }
}
