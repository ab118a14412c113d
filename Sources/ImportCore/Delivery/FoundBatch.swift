/// A scheduled batch of a set that was found in the server's list, while the journal did not know whether it was scheduled.
public struct FoundBatch: Hashable, Codable, Sendable {
  /// The batch.
  public var batch: BatchID
  /// URL of the server.
  public var server: String
  /// The mode in which it was scheduled.
  public var mode: ImportMode
  /// True if a person decides after it.
  public var thenApproval: Bool
}
