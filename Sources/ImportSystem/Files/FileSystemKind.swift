/// What kind of file system a directory lies on, as far as it matters for watching.
public struct FileSystemKind: Hashable, Sendable {
  /// Its name: `nfs`, or its magic number where that is all there is.
  public let name: String
  /// True if others can change it without this kernel's knowing: no events come, and no lease means anything.
  public let isRemote: Bool

  /// Describes a kind of file system by itself.
  public init(name: String, isRemote: Bool) {
    self.name = name
    self.isRemote = isRemote
  }

  init(magic: UInt32) {
    let known = Self.remote[magic]
    name = known ?? Self.local[magic] ?? "0x" + String(magic, radix: 16)
    isRemote = known != nil
  }

  // The numbers of linux/magic.h, and of file systems that keep theirs to themselves.
  private static let remote: [UInt32: String] = [
    0x6969: "nfs", 0x517B: "smb", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x6573_5546: "fuse",
    0x0102_1997: "9p", 0x00C3_6400: "ceph", 0x5346_414F: "afs", 0x6B41_4653: "afs", 0x7375_7245: "coda",
    0x564C: "ncp", 0x0BD0_0BD0: "lustre", 0x4750_4653: "gpfs", 0x0116_1970: "gfs2", 0x7461_636F: "ocfs2",
    0x786F_4256: "vboxsf", 0x1983_0326: "fhgfs",
  ]
  private static let local: [UInt32: String] = [
    0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs",
    0x794C_7630: "overlayfs", 0x2FC1_2FC1: "zfs",
  ]
}
