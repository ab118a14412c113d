/// A set that was put into a drop directory, as `drop --json` prints it.
public struct DroppedSet: Sendable, Encodable {
  /// One file of it.
  public struct File: Sendable, Encodable {
    /// The path in the set.
    public var file: String
    /// In bytes.
    public var size: Int64
    /// 64 lower-case hex digits.
    public var sha256: String
  }

  public var source: String
  /// The name of the folder.
  public var name: String
  /// Where the folder is until it is claimed.
  public var path: String
  /// What was copied, in the order of the paths.
  public var files: [File]
}
