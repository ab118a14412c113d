import Glibc
public import ImportCore
import ImportSystem

/// Judges the mode of a file that holds a key, as the daemon's user does, also when root examines the configuration.
///
/// Nobody but the daemon's user and root may read the key. A file of the daemon's user is closed to its group. Another user's file,
/// such as root's, must be open to the daemon by its group (0640), which then may not write.
struct KeyFileMode {
  /// The permission bits of the file.
  let mode: UInt32
  private let isOwn: Bool
  private let hasGroup: Bool

  /// - Parameter user: the daemon's user.
  init(_ status: FileStatus, user: UInt32) {
    mode = status.mode
    hasGroup = status.group != 0
    // Root's file for a group is the daemon's group's, even if root runs the daemon.
    isOwn = status.owner == user && (user != 0 || !hasGroup)
  }

  /// True if others can read or change the key.
  var isExposed: Bool { mode & (isOwn ? 0o066 : 0o026) != 0 }

  /// The mode for chmod(1), with which the daemon can still read the file.
  var remedy: String { isOwn || !hasGroup ? "600" : "640" }
}

extension DaemonSettings {
  /// The number of the daemon's user: that of this process or, for root, the owner of the spool. Blocks on the disk.
  public var serviceUser: UInt32 {
    var status = stat()
    guard geteuid() == 0, stat(spoolDirectory, &status) == 0 else { return geteuid() }
    return status.st_uid
  }
}
