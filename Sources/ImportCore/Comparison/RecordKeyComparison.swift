/// Result of comparing the record keys of two sets of the same source, for one key of the control file.
public enum RecordKeyComparison: Hashable, Sendable {
  /// The last set had `before` different keys, of which `missing` are not in this one.
  case counted(before: Int64, missing: Int64)
  /// They could not be compared, although the keys of the last set were recorded: why.
  case failed(String)
}

/// A data file whose record keys are to be compared with those of the last scheduled set.
public struct RecordKeyDemand: Hashable, Sendable {
  /// Key of the control file's `files`.
  public var key: String
  /// The field that identifies a record.
  public var field: String
  /// False if the set does not have this file.
  public var isThere: Bool
  /// True if the set's own keys were recorded.
  public var isRecorded: Bool
}
