/// Whether the sets of a source are taken and scheduled. It survives a restart.
public struct SourceControl: Hashable, Codable, Sendable {
  /// Who paused it (`haplo-importd pause`); nil if nobody did.
  public var pausedBy: String?
  /// The set whose rejection or holding has halted it (`OnRejected=halt`); nil if none has.
  public var haltedBy: SetID?

  /// True if it was halted because that set's job failed on the server (`OnFailed=halt`); nil in all other cases.
  public var haltedForJob: Bool?
  /// For a source that runs freely: who resumed it, for those who read the journal. Nil if a decision about the set that had
  /// halted the source resumed it.
  public var resumedBy: String?

  /// Begins with a source that runs freely.
  public init(
    pausedBy: String? = nil, haltedBy: SetID? = nil, haltedForJob: Bool? = nil, resumedBy: String? = nil
  ) {
    self.resumedBy = resumedBy
    self.pausedBy = pausedBy
    self.haltedBy = haltedBy
    self.haltedForJob = haltedForJob
  }

  /// True for a source that runs freely.
  public var isDefault: Bool { pausedBy == nil && haltedBy == nil }

  /// Why nothing is taken and scheduled; nil for a source that runs freely.
  public var reason: String? {
    if let pausedBy { return "paused by \(pausedBy): no sets are accepted or scheduled until resumed" }
    if let haltedBy, haltedForJob == true {
      return
        "halted because the job of set \(haltedBy) failed on the server (OnFailed=halt): correct the cause, then resume the "
        + "source, or import the set again with 'haplo-importd retry --import-again'"
    }
    if let haltedBy {
      return "halted by set \(haltedBy) (OnRejected=halt): retry or reject the set, or resume the source"
    }
    return nil
  }
}
