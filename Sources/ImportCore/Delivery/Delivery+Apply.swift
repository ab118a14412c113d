/// An event that cannot follow the ones before it: our bug, or a journal that was written by hand.
public struct Contradiction: Error, Hashable, CustomStringConvertible {
  /// What was recorded, and why it cannot be.
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension Delivery {
  /// Takes in one event that happened at `time`; throws, and changes nothing, if it cannot follow.
  public mutating func apply(_ event: DeliveryEvent, at time: Timestamp) throws(Contradiction) {
    switch event {
    case .claimBegun, .reopened: throw contradiction(event)
    case .retried(_, let importAgain): try applyRetried(importAgain, event)
    case .returned: try applyReturned(event)
    case .approved: try applyApproved(event)
    case .approvedAsClean(let records): try applyApprovedAsClean(records, event)
    case .dryRunEnded(let batch, let outcome): try applyDryRunEnded(batch, outcome, event)
    case .approvalReminded: try applyReminded(at: time, event)
    case .foundScheduled(let batch, let server, let mode, let thenApproval):
      let found = FoundBatch(batch: batch, server: server, mode: mode, thenApproval: thenApproval)
      try applyFound(found, at: time, event)
    case .foundUnscheduled: try applyFoundUnscheduled(event)
    case .claimed: try applyClaimed(at: time)
    case .claimWithdrawn: try applyWithdrawn(event)
    case .inspected(let manifest):
      try applyInspected(manifest, event)
      if let found { schedule(found, at: time) }
    case .controlMissed: try applyControl(missing: true, event)
    case .controlUploaded(let shared):
      try applyControl(missing: false, event)
      if !shared { controlUploads += 1 }
    case .batchCreated(let batch, let server): try applyCreated(batch, server, event)
    case .fileUploaded(let key): try applyUploaded(key, event)
    case .batchAbandoned: try applyAbandoned(event)
    case .digestDiffered: try applyDiffered(event)
    case .attemptFailed(let reason, let next, let alone):
      try applyFailed(reason, next: next, alone: alone, at: time, event)
    case .scheduleIntended(let mode, let thenApproval, let ifClean):
      try applyIntended(mode, thenApproval, event)
      importsIfClean = ifClean
    case .scheduled(let repeated): try applyScheduled(repeated, at: time, event)
    case .archived: try applyArchived(event)
    case .discarded: try applyDiscarded(event)
    case .removed: try applyRemoved(event)
    case .rejected(let reason): try leaveQueue(for: .rejected(reason: reason, filed: false), at: time, event)
    case .held(let reason): try leaveQueue(for: .held(reason: reason, filed: false), at: time, event)
    case .skipped(let other, let mode): try applySkipped(other, mode, event)
    case .filed: try applyFiled(event)
    }
  }

  private mutating func applyClaimed(at time: Timestamp) throws(Contradiction) {
    guard case .claiming = stage else { throw contradiction(.claimed) }
    stage = .claimed
    claimedAt = time
    succeed()
  }

  private mutating func applyWithdrawn(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .claiming = stage else { throw contradiction(event) }
    stage = .finished
  }

  /// A second inspection follows a change of the files: whatever batch there was holds other bytes, or may.
  private mutating func applyInspected(_ new: Manifest, _ event: DeliveryEvent) throws(Contradiction) {
    switch stage {
    case .claimed, .prepared, .uploading: break
    default: throw contradiction(event)
    }
    let changed = manifest.map { !$0.hasSameContent(as: new) } ?? false
    if manifest?.control.sha256 != new.control.sha256 { controlUploads = 0 }
    manifest = new
    if changed {
      contentChanges += 1
      if dryRunBatch != nil { changedSinceDryRun = true }
      farthest = 0
    }
    if case .uploading = stage, !changed { return }
    if case .prepared = stage, !changed { return }
    if let batch { orphans.append(batch) }
    stage = .prepared(controlMissing: false)
    succeed()
  }

  private mutating func applyControl(missing: Bool, _ event: DeliveryEvent) throws(Contradiction) {
    guard case .prepared = stage else { throw contradiction(event) }
    stage = .prepared(controlMissing: missing)
    succeed()
  }

  private mutating func applyCreated(
    _ batch: BatchID, _ server: String, _ event: DeliveryEvent
  ) throws(Contradiction) {
    guard case .prepared = stage else { throw contradiction(event) }
    stage = .uploading(batch: batch, uploaded: [])
    self.server = server
    succeed()
  }

  private mutating func applyUploaded(_ key: String, _ event: DeliveryEvent) throws(Contradiction) {
    guard case .uploading(let batch, let uploaded) = stage, !uploaded.containsExactly(key),
      manifest?.files.map(\.key).containsExactly(key) == true
    else { throw contradiction(event) }
    stage = .uploading(batch: batch, uploaded: uploaded + [key])
    succeed()
  }

  private mutating func applyAbandoned(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .uploading(let batch, _) = stage else { throw contradiction(event) }
    orphans.append(batch)
    stage = .prepared(controlMissing: false)
  }

  /// The control file has no batch yet when its own digest differs; everything else has one to give up.
  private mutating func applyDiffered(_ event: DeliveryEvent) throws(Contradiction) {
    switch stage {
    case .uploading(let batch, _):
      orphans.append(batch)
      stage = .prepared(controlMissing: false)
    case .prepared: break
    default: throw contradiction(event)
    }
    wrongDigests += 1
  }

  private mutating func applyFailed(
    _ reason: Reason, next: Timestamp, alone: Bool, at time: Timestamp, _ event: DeliveryEvent
  ) throws(Contradiction) {
    guard isQueued else { throw contradiction(event) }
    deferral = Deferral(reason: reason, next: next)
    attempts += 1
    failuresInRow += 1
    // The earlier of the two, lest a clock that was ahead keeps the set waiting for as long as it was.
    failingAloneSince = alone ? min(failingAloneSince ?? time, time) : nil
    if alone { repeatedAnswer = RepeatedAnswer(reason, after: repeatedAnswer) }
    if case .inDoubt = stage, let status = reason.http, status >= 500 {
      scheduleFailure = scheduleFailure ?? status
    }
  }

  private mutating func applyIntended(
    _ mode: ImportMode, _ thenApproval: Bool?, _ event: DeliveryEvent
  ) throws(Contradiction) {
    guard case .uploading(let batch, let uploaded) = stage, let manifest,
      manifest.files.allSatisfy({ uploaded.containsExactly($0.key) })
    else { throw contradiction(event) }
    if thenApproval == true, mode != .dryRun { throw contradiction(event) }
    wantsApproval = thenApproval
    scheduleFailure = nil
    stage = .inDoubt(batch: batch, mode: mode)
    succeed()
  }

  private mutating func applyScheduled(
    _ repeated: Bool, at time: Timestamp, _ event: DeliveryEvent
  ) throws(Contradiction) {
    guard case .inDoubt(let batch, let mode) = stage else { throw contradiction(event) }
    isStateOnly = repeated ? true : nil
    if !repeated { scheduleFailure = nil }
    stage = wantsApproval == true ? .awaitingApproval(dryRun: batch) : .scheduled(batch: batch, mode: mode)
    scheduledAt = time
    deferral = nil
  }

  private mutating func applyArchived(_ event: DeliveryEvent) throws(Contradiction) {
    switch stage {
    case .scheduled, .skipped: stage = .finished
    default: throw contradiction(event)
    }
  }

  /// A set that may have been scheduled can be held, for then a person knows; it is never rejected by the program,
  /// because a rejected set is one that certainly was not imported. A person may reject what is held or awaits approval.
  private mutating func leaveQueue(
    for new: DeliveryStage, at time: Timestamp, _ event: DeliveryEvent
  ) throws(Contradiction) {
    let isRejection = if case .rejected = event { true } else { false }
    switch stage {
    case .held(_, filed: true) where isRejection: break
    // Its folder is in work/ again, of which a journal that was put back knows nothing, nor of what it may have proved since.
    case .rejected(_, filed: true) where !isRejection, .held(_, filed: true) where !isRejection:
      isProvenUnscheduled = nil
    case .awaitingApproval(let batch) where isRejection: rejectedDryRun = batch
    // It cannot be moved to the archive.
    case .scheduled where !isRejection, .skipped where !isRejection: heldInDoubt = batch
    default:
      guard isQueued, !isReturning else { throw contradiction(event) }
      if isRejection, mayBeScheduled { throw contradiction(event) }
      heldInDoubt = mayBeScheduled ? batch ?? found?.batch : nil
      if let batch, !mayBeScheduled { orphans.append(batch) }
    }
    deferral = nil
    if case .held(let reason, _) = new, let cause = reason.cause, !wasHeld(for: cause) {
      objections = (objections ?? []) + [cause]
    }
    stage = new
    leftQueueAt = time
  }

  /// Only what certainly was not sent, and what nobody has approved, can be skipped.
  private mutating func applySkipped(
    _ other: SetID, _ mode: ImportMode, _ event: DeliveryEvent
  ) throws(Contradiction) {
    switch stage {
    case .prepared, .uploading: break
    default: throw contradiction(event)
    }
    guard dryRunBatch == nil else { throw contradiction(event) }
    if let batch { orphans.append(batch) }
    (deferral, sameAs) = (nil, other)
    stage = .skipped(mode: mode)
  }

  private var isReturning: Bool { if case .returning = stage { true } else { false } }

  private mutating func applyFiled(_ event: DeliveryEvent) throws(Contradiction) {
    switch stage {
    case .rejected(let reason, filed: false): stage = .rejected(reason: reason, filed: true)
    case .held(let reason, filed: false): stage = .held(reason: reason, filed: true)
    default: throw contradiction(event)
    }
  }

  /// Ends the deferral. The count of failures ends only with real progress: a batch that is made, filled
  /// and lost over and over must be tried less and less often.
  mutating func succeed() {
    deferral = nil
    guard stage.progress > farthest else { return }
    farthest = stage.progress
    failuresInRow = 0
    failingAloneSince = nil
    repeatedAnswer = nil
  }

  func contradiction(_ event: DeliveryEvent) -> Contradiction {
    Contradiction("set \(set): '\(event.name)' cannot follow the state '\(stage.name)'")
  }
}
