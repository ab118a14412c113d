/// What people decide about a set.
extension Delivery {
  /// Begins another life of an archived set.
  init(reopening set: SetID, arrival: Int64, claim: Claim) {
    self.init(set: set, arrival: arrival, claim: claim)
    stage = .returning(from: .archive)
    objections = Reason.Cause.allCases
  }

  /// Starts anew, in the old place. What was counted against the set is forgotten: a person has looked at it.
  mutating func applyRetried(_ importAgain: Bool, _ event: DeliveryEvent) throws(Contradiction) {
    guard let place = filedPlace, importAgain || !needsImportAgain else {
      throw contradiction(event)
    }
    let earlier = [heldInDoubt, dryRunBatch, rejectedDryRun].compactMap(\.self)
    if !earlier.isEmpty { earlierBatches = (earlierBatches ?? []) + earlier }
    (heldInDoubt, rejectedDryRun) = (nil, nil)
    if importAgain { objections = Reason.Cause.allCases }
    (manifest, server, deferral) = (nil, nil, nil)
    (dryRunBatch, wantsApproval, changedSinceDryRun, remindedAt) = (nil, nil, nil, nil)
    (dryRunOutcome, importsIfClean) = (nil, nil)
    (farthest, failuresInRow, failingAloneSince, repeatedAnswer) = (0, 0, nil, nil)
    (isStateOnly, scheduleFailure) = (nil, nil)
    (found, isProvenUnscheduled) = (nil, nil)
    (controlUploads, wrongDigests, contentChanges) = (0, 0, 0)
    attempts += 1
    stage = .returning(from: place)
  }

  /// True for a held set of which an earlier batch may have been scheduled: a person must know that to have it tried again.
  public var needsImportAgain: Bool {
    if isProvenUnscheduled == true { return false }
    if heldInDoubt != nil { return true }
    if case .held(let reason, _) = stage { return reason.cause == .unproven }
    return false
  }

  mutating func applyReturned(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .returning = stage else { throw contradiction(event) }
    stage = .claimed
    succeed()
  }

  /// The same bytes, in a batch of their own.
  mutating func applyApproved(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .awaitingApproval(let batch) = stage else { throw contradiction(event) }
    dryRunBatch = batch
    (wantsApproval, remindedAt) = (nil, nil)
    (farthest, failuresInRow, failingAloneSince, repeatedAnswer) = (2, 0, nil, nil)
    (isStateOnly, scheduleFailure) = (nil, nil)
    stage = .prepared(controlMissing: false)
  }

  /// Only a set whose folder stands in its place for good can be forgotten: none that is at work, or is still being moved.
  mutating func applyDiscarded(_ event: DeliveryEvent) throws(Contradiction) {
    guard let place = filedPlace else { throw contradiction(event) }
    stage = .discarding(from: place)
  }

  mutating func applyRemoved(_ event: DeliveryEvent) throws(Contradiction) {
    guard case .discarding = stage else { throw contradiction(event) }
    stage = .finished
  }

  /// The batch of the dry run that the set's next import depends on, or depended on.
  public var lastDryRun: BatchID? {
    if case .awaitingApproval(let batch) = stage { return batch }
    return dryRunBatch
  }

  mutating func applyDryRunEnded(
    _ batch: BatchID, _ outcome: JobOutcome, _ event: DeliveryEvent
  ) throws(Contradiction) {
    guard lastDryRun == batch else { throw contradiction(event) }
    dryRunOutcome = outcome
  }

  mutating func applyReminded(at time: Timestamp, _ event: DeliveryEvent) throws(Contradiction) {
    guard case .awaitingApproval = stage else { throw contradiction(event) }
    remindedAt = time
  }

  /// When a person is to be reminded that the set waits for approval, `span` after its dry run was scheduled or after the
  /// last reminder; nil for a set that does not wait for that. A time before which the clock was set back is over.
  public func reminderTime(every span: Duration, now: Timestamp) -> Timestamp? {
    guard case .awaitingApproval = stage, let last = remindedAt ?? scheduledAt else { return nil }
    return last > now ? now : last.advanced(by: span)
  }

  /// True if the set's dry run was scheduled longer ago than `span`, and it still awaits approval.
  public func awaitsApproval(longerThan span: Duration, now: Timestamp) -> Bool {
    guard case .awaitingApproval = stage, let since = scheduledAt else { return false }
    return since.advanced(by: span) < now
  }

  /// True if the set is in the queue, its last step failed, and it was claimed longer ago than `span`.
  public func hasFailed(longerThan span: Duration, now: Timestamp) -> Bool {
    guard isQueued, deferral != nil else { return false }
    return (claimedAt ?? claim.completed).advanced(by: span) < now
  }

  /// Where the folder of a held or rejected set stands; nil for all others.
  public var filedPlace: Place? {
    switch stage {
    case .held(_, filed: true): .held
    case .rejected(_, filed: true): .rejected
    default: nil
    }
  }

  /// True for a rejected set that has been kept for `span` or longer at `now` (`RejectedKeepSec=`). A set rejected in the
  /// future (the clock was set back) is young.
  public func isRejected(for span: Duration, now: Timestamp) -> Bool {
    guard filedPlace == .rejected, let leftQueueAt else { return false }
    return now.since(leftQueueAt) >= span
  }

  /// What is to be scheduled for a set of a source with this mode: after an approval always a real import.
  public func intent(mode: SourceMode) -> DeliveryEvent {
    if dryRunBatch != nil { return .scheduleIntended(mode: .import) }
    switch mode {
    case .dryRun: return .scheduleIntended(mode: .dryRun)
    case .import: return .scheduleIntended(mode: .import)
    case .approve: return .scheduleIntended(mode: .dryRun, thenApproval: true)
    case .importIfClean: return .scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: true)
    }
  }
}

extension Delivery {
  /// True if the set was held for this cause before: it is here again only because a person said so.
  func wasHeld(for cause: Reason.Cause) -> Bool { objections?.contains(cause) == true }
}
