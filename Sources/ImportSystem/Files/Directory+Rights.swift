import CLinux
import Glibc

/// Why this process may not take an entry out of a directory.
public enum MoveRefusal: Hashable, Sendable {
  /// The file system is mounted read-only.
  case readOnly
  /// The directory may not be written to.
  case directory
  /// The folder that is to be moved may not be written to: a move changes its entry `..`.
  case folder
  /// The directory is sticky, and this entry is of another owner.
  case sticky(entry: String, owner: UInt32)
}

extension Directory {
  /// Asks whether this process may add and remove names in this directory, or in the one called `name` in it; the
  /// error is what such a call would meet. One that is not there is no obstacle.
  public func refusalToChange(_ name: String = ".") -> SystemError? {
    do {
      try fileSystem.perform(FileOperation(.statistics, for: "rights", on: place(name))) {
        unsafe faccessat(descriptor, name, W_OK | X_OK, AT_EACCESS)
      }
      return nil
    } catch {
      return error.isMissing ? nil : SystemError(call: "write to", object: error.object, errno: error.errno)
    }
  }

  private func place(_ name: String) -> String { name == "." ? path : path(of: name) }

  /// Asks whether this process may move these files, or this one folder, elsewhere; nil if so.
  public func refusalToMove(_ names: [String]) throws(SystemError) -> MoveRefusal? {
    var entries: [(name: String, status: FileStatus)] = []
    for name in names { if let status = try status(name) { entries.append((name, status)) } }
    return refusalToMove(entries, in: try ownStatus())
  }

  /// The same for entries of which it is known what they are, and what this directory is.
  public func refusalToMove(_ entries: [(name: String, status: FileStatus)], in own: FileStatus)
    -> MoveRefusal?
  {
    if let refusal = refusalToChange() { return refusal.errno == EROFS ? .readOnly : .directory }
    let isSticky = own.mode & S_ISVTX != 0 && own.owner != geteuid() && haplo_has_capability(CAP_FOWNER) == 0
    for (name, status) in entries {
      if isSticky, status.owner != geteuid() { return .sticky(entry: name, owner: status.owner) }
      guard status.kind == .directory, let refusal = refusalToChange(name) else { continue }
      return refusal.errno == EROFS ? .readOnly : .folder
    }
    return nil
  }
}
