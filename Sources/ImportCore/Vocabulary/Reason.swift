/// A step towards the server, by the name of its endpoint.
public enum ServerStep: String, Codable, Sendable, CaseIterable {
  /// Uploads the control file.
  case control
  /// Creates a batch.
  case batch
  /// Uploads one data file.
  case file
  /// Schedules the batch.
  case schedule
}

/// Why something waits, was rejected or is held, as a person and a program can read it.
public struct Reason: Hashable, Codable, Sendable {
  /// Causes for holding a set that may already be scheduled, or that differs from an earlier one.
  public enum Cause: String, Codable, Sendable, CaseIterable {
    /// It has the same bytes (`OnDuplicate=hold`).
    case duplicate
    /// It has much less (`ShrinkLimit=`).
    case shrunk
    /// Its records are not as the guards of its source want them (`MinRecords=`, `ChangeLimit=`, `RemovalLimit=`,
    /// `FirstSet=`).
    case guarded
    /// The journal cannot tell whether it was scheduled.
    case unproven
  }

  /// What happened, in the server's own words where it spoke.
  public var text: String
  /// What a person can do, where there is something to do.
  public var remedy: String?
  /// The step that was tried.
  public var step: ServerStep?
  /// Key of the data file that was being sent.
  public var key: String?
  /// HTTP status of the answer, if one came.
  public var http: Int?
  /// For a held set that may have been scheduled already, or is not like an earlier one: which of these.
  public var cause: Cause?

  /// Takes the words and, where they apply, what they are about.
  public init(
    _ text: String, remedy: String? = nil, step: ServerStep? = nil, key: String? = nil, http: Int? = nil,
    cause: Cause? = nil
  ) {
    self.text = text
    self.remedy = remedy
    self.step = step
    self.key = key
    self.http = http
    self.cause = cause
  }
}
