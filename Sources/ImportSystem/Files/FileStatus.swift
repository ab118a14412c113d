import Glibc

/// What kind of thing a name stands for.
public enum FileKind: String, Sendable, Hashable {
  case regular = "regular file"
  case directory
  case symbolicLink = "symbolic link"
  case fifo = "named pipe"
  case socket
  case characterDevice = "character device"
  case blockDevice = "block device"
  case unknown = "unknown kind of file"

  init(mode: UInt32) {
    switch mode & S_IFMT {
    case S_IFREG: self = .regular
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .symbolicLink
    case S_IFIFO: self = .fifo
    case S_IFSOCK: self = .socket
    case S_IFCHR: self = .characterDevice
    case S_IFBLK: self = .blockDevice
    default: self = .unknown
    }
  }
}

/// What the kernel says about a file or directory at one moment (fstatat(2), no link followed).
public struct FileStatus: Sendable, Hashable {
  public let kind: FileKind
  /// Which file system, and which file of it.
  public let device: UInt64
  public let inode: UInt64
  /// Bytes.
  public let size: Int64
  /// Times of the last change of the content and of anything at all, in nanoseconds since 1970.
  public let modificationTime: Int64
  public let changeTime: Int64
  /// How many names it has.
  public let links: UInt64
  public let owner: UInt32
  public let group: UInt32
  /// The permission bits, with setuid, setgid and sticky: the low twelve bits.
  public let mode: UInt32

  init(_ raw: stat) {
    kind = FileKind(mode: raw.st_mode)
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    size = Int64(raw.st_size)
    modificationTime = raw.st_mtim.nanoseconds
    changeTime = raw.st_ctim.nanoseconds
    links = UInt64(raw.st_nlink)
    owner = raw.st_uid
    group = raw.st_gid
    mode = raw.st_mode & 0o7777
  }

  /// Which file this is, in which state.
  public var identity: FileIdentity { FileIdentity(self) }

  /// True if both are the same file, whatever was done to it meanwhile.
  public func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}

/// Which file in which state: two equal values mean that nobody has changed it in between, as far as
/// the kernel's clock can tell.
public struct FileIdentity: Sendable, Hashable {
  public let device: UInt64
  public let inode: UInt64
  public let size: Int64
  public let modificationTime: Int64
  public let changeTime: Int64

  /// Takes what identifies a file out of its status.
  public init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
    size = status.size
    modificationTime = status.modificationTime
    changeTime = status.changeTime
  }
}
