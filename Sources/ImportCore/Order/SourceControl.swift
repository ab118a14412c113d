/// Whether the sets of a source are taken and scheduled. It survives a restart.
public struct SourceControl: Hashable, Codable, Sendable {
  /// Who paused it (`haplo-importd pause`); nil if nobody did.
  public var pausedBy: String?
  /// The set whose rejection or holding has halted it (`OnRejected=halt`); nil if none has.
  public var haltedBy: SetID?

  /// Begins with a source that runs freely.
  public init(pausedBy: String? = nil, haltedBy: SetID? = nil) {
    self.pausedBy = pausedBy
    self.haltedBy = haltedBy
  }

  /// True for a source that runs freely.
  public var isDefault: Bool { pausedBy == nil && haltedBy == nil }

  /// Why nothing is taken and scheduled; nil for a source that runs freely.
  public var reason: String? {
    if let pausedBy { return "paused by \(pausedBy): no sets are accepted or scheduled until resumed" }
    if let haltedBy {
      return "halted by set \(haltedBy) (OnRejected=halt): retry or reject the set, or resume the source"
    }
    return nil
  }
}
