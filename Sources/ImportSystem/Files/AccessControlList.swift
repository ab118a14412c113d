/// A POSIX access control list as the extended attribute `system.posix_acl_access` stores it (acl(5),
/// linux/posix_acl_xattr.h): version 2 in four bytes, then for each entry a tag (2), its permissions (2) and an id (4), all
/// little-endian, sorted by tag and id.
public struct AccessControlList: Hashable, Sendable {
  /// What an entry is about; the raw value is the kernel's tag.
  public enum Tag: UInt16, Sendable {
    case owner = 0x01
    case user = 0x02
    case group = 0x04
    case namedGroup = 0x08
    case mask = 0x10
    case other = 0x20
  }

  /// One entry; `id` is a user's or group's number where the tag names one.
  public struct Entry: Hashable, Sendable {
    public var tag: Tag
    public var permissions: UInt16
    public var id: UInt32

    public init(_ tag: Tag, _ permissions: UInt16, id: UInt32 = .max) {
      self.tag = tag
      self.permissions = permissions
      self.id = id
    }
  }

  /// The entries, in the order in which the kernel wants them.
  public private(set) var entries: [Entry]

  /// The list that says what a file's mode says.
  public init(mode: UInt32) {
    func bits(_ shift: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: mode >> shift & 7) }
    entries = [Entry(.owner, bits(6)), Entry(.group, bits(3)), Entry(.other, bits(0))]
  }

  /// Reads the attribute's bytes; nil if they are of another version or no such list.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 4, (bytes.count - 4) % 8 == 0, Self.number(bytes[0..<4]) == Self.version else {
      return nil
    }
    entries = []
    for start in stride(from: 4, to: bytes.count, by: 8) {
      guard let tag = Tag(rawValue: UInt16(Self.number(bytes[start..<start + 2]))) else { return nil }
      entries.append(
        Entry(
          tag, UInt16(Self.number(bytes[start + 2..<start + 4])),
          id: Self.number(bytes[start + 4..<start + 8])))
    }
  }

  /// Gives a user these permissions (4 read, 2 write, 1 enter) beside those that its entry has. Other entries stay as they
  /// are; the mask is widened by `permissions` alone.
  public mutating func grant(_ permissions: UInt16, to user: UInt32) {
    if let place = entries.firstIndex(where: { $0.tag == .user && $0.id == user }) {
      entries[place].permissions |= permissions
    } else {
      entries.append(Entry(.user, permissions, id: user))
    }
    if let place = entries.firstIndex(where: { $0.tag == .mask }) {
      entries[place].permissions |= permissions
    } else {
      let group = entries.first { $0.tag == .group }?.permissions ?? 0
      entries.append(Entry(.mask, group | permissions))
    }
    entries.sort { ($0.tag.rawValue, $0.id) < ($1.tag.rawValue, $1.id) }
  }

  /// Gives the file's owner these permissions beside those that it has.
  public mutating func grantToOwner(_ permissions: UInt16) {
    for place in entries.indices where entries[place].tag == .owner {
      entries[place].permissions |= permissions
    }
  }

  /// The attribute's bytes.
  public var bytes: [UInt8] {
    var bytes = Self.littleEndian(Self.version, 4)
    for entry in entries {
      bytes += Self.littleEndian(UInt32(entry.tag.rawValue), 2)
      bytes += Self.littleEndian(UInt32(entry.permissions), 2)
      bytes += Self.littleEndian(entry.id, 4)
    }
    return bytes
  }

  private static let version: UInt32 = 2

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func littleEndian(_ number: UInt32, _ count: Int) -> [UInt8] {
    (0..<UInt32(count)).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
