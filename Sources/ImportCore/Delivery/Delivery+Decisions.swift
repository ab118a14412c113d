/// Decisions of people about a set, and results of a comparison with the server's list of batches (`reconcile`).
extension Delivery {
  /// Begins another life of an archived set.
  init(reopening set: SetID, arrival: Int64, claim: Claim) {
    self.init(set: set, arrival: arrival, claim: claim)
    stage = .returning(from: .archive)
    objections = Reason.Cause.allCases
  }

  /// Starts anew, in the old place. What was counted against the set is forgotten: a person has looked at it.
  mutating func applyRetried(_ importAgain: Bool, _ event: DeliveryEvent) throws(Contradiction) {
    guard let place = filedPlace, importAgain || !needsImportAgain else { throw contradiction(event) }
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

  /// The rule is checked here again, so that no mistake elsewhere can import what is not clean.
  mutating func applyApprovedAsClean(_ records: Int64, _ event: DeliveryEvent) throws(Contradiction) {
    guard CleanImport(self) == .imports(records: records) else { throw contradiction(event) }
    try applyApproved(event)
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

  /// A set whose files were read is scheduled from here on. All others are read first, for their receipt. For a set that awaits
  /// approval the batch is that of its import.
  mutating func applyFound(_ new: FoundBatch, at time: Timestamp, _ event: DeliveryEvent)
    throws(Contradiction)
  {
    guard canBeReconciled else { throw contradiction(event) }
    if case .awaitingApproval(let dryRun) = stage {
      guard new.mode == .import, new.batch != dryRun else { throw contradiction(event) }
      (dryRunBatch, remindedAt) = (dryRun, nil)
      return schedule(new, at: time)
    }
    if let batch, batch != new.batch { orphans.append(batch) }
    (deferral, heldInDoubt, isProvenUnscheduled) = (nil, nil, nil)
    // Its failures are over: no step at which it failed is left to be tried.
    (failuresInRow, failingAloneSince, repeatedAnswer) = (0, nil, nil)
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

/// The decision that follows by itself from the result of a dry run (`Mode=import-if-clean`).
public enum CleanImport: Hashable, Sendable {
  /// The result is not known yet.
  case waits
  /// The same bytes, of so many records, are to be imported.
  case imports(records: Int64)
  /// A person has to decide, for this reason.
  case person(String)

  /// Judges the dry run of a set whose import follows by itself from a clean one; nil for every other set. Nothing but the
  /// page of this very batch, which said `dry-run` with 0 errors, and our own count of at least one record lead to an import: a
  /// dry run of a set without records ends without errors as well.
  public init?(_ delivery: Delivery) {
    guard case .awaitingApproval = delivery.stage, delivery.importsIfClean == true else { return nil }
    self = delivery.dryRunOutcome.map { Self(dryRun: $0, delivery.manifest?.records) } ?? .waits
  }

  private init(dryRun outcome: JobOutcome, _ records: Int64?) {
    switch outcome.state {
    case .checked where outcome.errors == 0: self = Self.judging(records)
    case .checkedWithErrors: self = .person("the dry run ended with \(outcome.errors ?? 0) errors")
    case .failed: self = .person("the dry run failed on the server")
    case .stuck: self = .person("the dry run is stuck on the server")
    default: self = .person("the result of the dry run is unknown" + (outcome.reason.map { ": \($0)" } ?? ""))
    }
  }

  private static func judging(_ records: Int64?) -> CleanImport {
    guard let records else {
      return .person("the dry run ended without errors, but the set's records were not counted here")
    }
    return records > 0
      ? .imports(records: records) : .person("the dry run ended without errors, but the set has no records")
  }
}
