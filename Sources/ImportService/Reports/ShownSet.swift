public import ImportCore

/// One set with all that happened to it.
public struct ShownSet: Codable, Sendable {
  /// Sets whose ids begin as asked: one, none, or several, of which the first few are named.
  public var candidates: [SetID]
  /// The set, if there is exactly one.
  public var set: SetReport?
  /// The history of the one set, oldest first.
  public var history: [HistoryLine]
  /// The next thing to happen.
  public var outlook: String
  /// The set that it is compared with; nil if none is remembered.
  public var previous: SetID?
  /// In the answer to `last`: the set by the journal's history of its source, which has it even if its folder is gone.
  public var remembered: ScheduledSet?
}

/// One thing that happened to a set.
public struct HistoryLine: Codable, Sendable {
  public var time: String
  public var event: String
  public var detail: String
}
