/// The kernel's answer to moving a set out of its drop directory.
public enum MoveAnswer: Hashable, Sendable {
  case allowed
  /// The file system is mounted read-only.
  case readOnly
  /// The drop directory may not be written to.
  case directoryClosed
  /// The folder may not be written to, and a move changes its entry `..`.
  case folderClosed(EntryObstacle)
  /// The drop directory is sticky, and this entry of it belongs to somebody else.
  case sticky(entry: String, owner: UInt32)
}

extension MoveAnswer {
  /// The finding that keeps the set in the drop directory; nil if none does.
  func obstacle(in directory: String) -> EntryObstacle? {
    switch self {
    case .allowed: return nil
    case .readOnly:
      return EntryObstacle(
        "the daemon may not move files out of \(directory): its file system is mounted read-only",
        remedy: "mount it read-write; an error of the disk may have made it read-only: journalctl -k -p err"
      )
    case .directoryClosed:
      return EntryObstacle(
        "the daemon may not move files out of \(directory)",
        remedy: "make the directory writable for the daemon's user or group"
      )
    case .folderClosed(let obstacle): return obstacle
    case .sticky(let entry, let owner):
      return EntryObstacle(
        "the daemon may not move '\(entry)' of owner \(owner) out: in \(directory), which is sticky (mode +t), only "
          + "owners may",
        remedy: "chmod -t \(directory), or make the daemon's user the owner of that directory"
      )
    }
  }
}
