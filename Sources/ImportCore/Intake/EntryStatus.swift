/// What was seen of one entry of a drop directory, without following a link.
public struct EntryStatus: Hashable, Sendable {
  /// What kind of thing it is.
  public enum Kind: Hashable, Sendable {
    case regular
    case directory
    /// Anything that can never be sent, by the name that people know it by: `symbolic link`, `named pipe`.
    case special(String)
  }

  /// What kind of thing it is.
  public var kind: Kind
  /// Which file, in which state.
  public var identity: FileIdentity
  /// How many names the file has.
  public var links: UInt64
  /// Numeric id of its owner.
  public var owner: UInt32
  /// Permission bits.
  public var mode: UInt32

  /// Takes what one `stat` call said.
  public init(kind: Kind, identity: FileIdentity, links: UInt64, owner: UInt32, mode: UInt32) {
    self.kind = kind
    self.identity = identity
    self.links = links
    self.owner = owner
    self.mode = mode
  }
}
