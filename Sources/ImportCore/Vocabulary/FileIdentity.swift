/// The figures of one file in its file system, enough to tell that it is the same one with the same content
/// as before: any write changes `changed`, which no program can set.
public struct FileIdentity: Hashable, Codable, Sendable {
  /// Number of the device that holds the file.
  public var device: UInt64
  /// Inode number on that device.
  public var inode: UInt64
  /// Size in bytes.
  public var size: Int64
  /// Modification time (mtime) in nanoseconds since 1970.
  public var modified: Int64
  /// Change time (ctime) in nanoseconds since 1970.
  public var changed: Int64

  /// Takes the figures of one `stat` call.
  public init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }

  /// True if `other` is the same file with the same size and mtime. A rename changes the ctime, and a start of the machine
  /// the device number (that of btrfs is given out in the order of mounting), so these are left out.
  public func isSameBeforeRename(as other: FileIdentity) -> Bool {
    inode == other.inode && size == other.size && modified == other.modified
  }
}
