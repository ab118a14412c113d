public import ImportCore
public import ImportSystem

extension FileStatus {
  /// True if this is the file that was judged, as far as a rename leaves it: the ctime is not compared.
  func isCore(_ identity: ImportCore.FileIdentity) -> Bool {
    ImportCore.FileIdentity(self).isSameBeforeRename(as: identity)
  }

  /// True if this, found under the same path, is the folder that was judged, whatever was done to it meanwhile. The
  /// device number is not compared: it can be another one after the machine has been started again.
  public func isSameFile(as identity: ImportCore.FileIdentity) -> Bool { inode == identity.inode }

  /// True if both are the same file with the same size and modification time. The change time is not compared: a rename
  /// changes it.
  func isSameContent(as other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && modificationTime == other.modificationTime
  }
}

extension ImportCore.FileIdentity {
  /// Takes over what the system floor found.
  public init(_ status: FileStatus) {
    self.init(
      device: status.device, inode: status.inode, size: status.size, modified: status.modificationTime,
      changed: status.changeTime)
  }
}
