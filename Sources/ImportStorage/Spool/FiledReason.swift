public import ImportCore

/// Why a set is held or was rejected, as programs read it (`reason.json`).
public struct FiledReason: Codable, Hashable, Sendable {
  /// The set.
  public var set: SetID
  /// Its source.
  public var source: SourceName
  /// Folder or control file name it was dropped under.
  public var name: String
  /// `held` or `rejected`.
  public var state: SetState
  /// Why.
  public var reason: Reason
  /// When that was decided.
  public var time: Timestamp
  /// The control file and data files, if they were read.
  public var manifest: Manifest?
  /// The batch that may have been scheduled, for a held set that is in doubt.
  public var batchInDoubt: BatchID?
  /// Batches that were created and never scheduled.
  public var orphanedBatches: [BatchID]
  /// Tries in all.
  public var attempts: Int
}

extension FiledReason {
  /// Describes why a set leaves the queue at `now`.
  public init(_ delivery: Delivery, as state: SetState, _ reason: Reason, at now: Timestamp) {
    self.init(
      set: delivery.set, source: delivery.source, name: delivery.claim.name, state: state, reason: reason,
      time: now, manifest: delivery.manifest, batchInDoubt: delivery.heldInDoubt,
      orphanedBatches: delivery.orphans, attempts: delivery.attempts)
  }

  /// Where its folder goes.
  public var area: SpoolArea { state == .held ? .held : .rejected }
}
