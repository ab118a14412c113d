/// A scheduled batch of a set that was found in the server's list, while the journal did not know whether it was scheduled.
public struct FoundBatch: Hashable, Codable, Sendable {
  /// The batch.
  public var batch: BatchID
  /// URL of the server.
  public var server: String
  /// What it was scheduled for.
  public var mode: ImportMode
  /// True if a person decides after it.
  public var thenApproval: Bool
}

/// What a comparison with the server's list of batches settles (`reconcile`).
extension Delivery {
  /// True for a set that can be settled: it is held as possibly scheduled, or waits to be scheduled.
  public var canBeReconciled: Bool {
    switch stage {
    case .held(_, filed: true): needsImportAgain
    case .claimed, .prepared, .uploading, .inDoubt: true
    default: false
    }
  }

  /// A set whose files were read is scheduled from here on. All others are read first, for their receipt.
  mutating func applyFound(_ new: FoundBatch, at time: Timestamp, _ event: DeliveryEvent)
    throws(Contradiction)
  {
    guard canBeReconciled else { throw contradiction(event) }
    if let batch, batch != new.batch { orphans.append(batch) }
    (deferral, heldInDoubt, isProvenUnscheduled) = (nil, nil, nil)
    found = new
    switch stage {
    case .held: stage = .returning(from: .held)
    case .claimed: break
    default: schedule(new, at: time)
    }
  }

  mutating func schedule(_ new: FoundBatch, at time: Timestamp) {
    server = new.server
    stage =
      new.thenApproval ? .awaitingApproval(dryRun: new.batch) : .scheduled(batch: new.batch, mode: new.mode)
    wantsApproval = new.thenApproval ? true : nil
    (isStateOnly, scheduledAt, found) = (true, time, nil)
  }

  mutating func applyFoundUnscheduled(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .held(_, filed: true) = stage, needsImportAgain else { throw contradiction(event) }
    if let heldInDoubt { orphans.append(heldInDoubt) }
    heldInDoubt = nil
    isProvenUnscheduled = true
  }
}
