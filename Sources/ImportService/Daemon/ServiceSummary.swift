public import ImportCore

/// How things stood when a service ended.
public struct ServiceSummary: Sendable, Hashable {
  /// Sets rejected since the start.
  public var rejected: Int
  /// Sets that wait for another attempt, or for one that does.
  public var deferred: Int
  /// Why the server is left alone, if it is.
  public var stop: ServerStop?
  /// True if nothing new could be accepted: for want of room, because the spool cannot be written to, or because the journal
  /// is older than the archive.
  public var isBlocked: Bool
  /// Sets on whose own files work keeps failing.
  public var obstructed: Int
  /// True if the cause of one is a failing disk.
  public var hasFailedDisk: Bool
  /// True if a limit of this process kept it from reading something.
  public var hasMetLimit: Bool
}
