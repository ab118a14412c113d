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

/// A SHA-256 digest as Haplo writes it: 64 lower-case hexadecimal digits. The server compares digests
/// as text, and case matters there (docs/server.md), so only this one form exists.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 64 digits.
  public let hex: String

  /// Takes exactly 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isLowerHexDigit) else { return nil }
    self.hex = String(hex)
  }

  /// Takes the 32 bytes that a hash function returns.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes, not \(bytes.count)")
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// A digest that no control file has. The server answers `Control file not found` for it, which
  /// proves address, key and permission without creating anything.
  public static let ofNothing = SHA256Digest(bytes: [UInt8](repeating: 0, count: 32))

  public var description: String { hex }

  private static func isLowerHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
