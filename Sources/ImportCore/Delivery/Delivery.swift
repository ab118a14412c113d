/// The life of one set, from the claim to the archive, as a value: ``nextStep(now:)`` says what to do
/// and ``apply(_:at:)`` takes in what came of it. It performs nothing and reads no clock, so every
/// crash point is a prefix of its events, and the tests can stand at each of them.
///
/// The rule it exists for: once ``DeliveryEvent/scheduleIntended(mode:)`` is applied, the only batch
/// that is ever scheduled for this set is the one it had then (docs/server.md, "What retrying does").
public struct Delivery: Hashable, Codable, Sendable {
  /// Where the folder of a set stands that has left `work/`.
  public enum Place: String, Codable, Sendable {
    case held, rejected, archive
  }

  /// A step that failed and when it is repeated.
  public struct Deferral: Hashable, Codable, Sendable {
    /// Why.
    public var reason: Reason
    /// Not before this time.
    public var next: Timestamp
  }

  /// The set's name.
  public let set: SetID
  /// The journal's sequence number of the claim: the order of arrival within a source. A set that was approved stands
  /// in the order of approval.
  public internal(set) var arrival: Int64
  public let claim: Claim
  /// When the files stood in `work/`.
  public internal(set) var claimedAt: Timestamp?
  /// When the server's answer to the schedule call was known.
  public internal(set) var scheduledAt: Timestamp?
  /// When it was last rejected or held; nil for a set that never was.
  public internal(set) var leftQueueAt: Timestamp?
  /// True if the only proof of scheduling is the answer that the batch is not uploading any more.
  public internal(set) var isStateOnly: Bool?
  /// The first 5xx that a schedule call got: the server may have failed between storing the state and making the job.
  public internal(set) var scheduleFailure: Int?
  /// Where it stands.
  public internal(set) var stage: DeliveryStage
  /// The bytes it stands for, once they were read.
  public internal(set) var manifest: Manifest?
  /// The server that has the batch: its URL when the batch was created.
  public internal(set) var server: String?
  /// The step that failed last, until one succeeds.
  public internal(set) var deferral: Deferral?
  /// How far the delivery of these bytes ever came, as a count of steps; going over old ground again is no progress.
  public internal(set) var farthest: Int
  /// Steps that failed since the last progress; decides the next delay.
  public internal(set) var failuresInRow: Int
  /// Since when this set alone has failed while the server answered others; nil while it does not.
  public internal(set) var failingAloneSince: Timestamp?
  /// The answer that this set alone got again and again, until there is progress or another answer.
  public internal(set) var repeatedAnswer: RepeatedAnswer?
  /// Tries in all: one, and one more for each failure.
  public internal(set) var attempts: Int
  /// Batches that were created and will never be scheduled.
  public internal(set) var orphans: [BatchID]
  /// For a held set: the batch that may have been scheduled. A person must know it before another is made.
  public internal(set) var heldInDoubt: BatchID?
  /// How often the control file, as it is now, was uploaded for this set.
  public internal(set) var controlUploads: Int
  /// How often the server returned another digest than ours.
  public internal(set) var wrongDigests: Int
  /// Batches of earlier lives of this set that were, or may have been, scheduled.
  public internal(set) var earlierBatches: [BatchID]?
  /// The scheduled batch that the server's list has, until the files were read again for the receipt.
  public internal(set) var found: FoundBatch?
  /// True for a held set of which the server's list has no scheduled batch.
  public internal(set) var isProvenUnscheduled: Bool?
  /// True for a set that waits for a person after its dry run.
  public internal(set) var wantsApproval: Bool?
  /// True if a clean dry run is as good as the person's word.
  public internal(set) var importsIfClean: Bool?
  /// When a person was last reminded that it waits for approval.
  public internal(set) var remindedAt: Timestamp?
  /// The batch of the dry run that a person has approved.
  public internal(set) var dryRunBatch: BatchID?
  /// The batch of the dry run after which a person rejected the set.
  public internal(set) var rejectedDryRun: BatchID?
  /// What became of the dry run's job, where that is read.
  public internal(set) var dryRunOutcome: JobOutcome?
  /// True if the files have other content than those whose dry run was approved.
  public internal(set) var changedSinceDryRun: Bool?
  /// What this set was held for after a comparison with an earlier one. It goes on only because a person wants it, so
  /// it is not held for that again.
  public internal(set) var objections: [Reason.Cause]?
  /// For a skipped set: the scheduled one that has the same bytes.
  public internal(set) var sameAs: SetID?
  /// How often the files were found to have other content than before.
  public internal(set) var contentChanges: Int

  /// Begins the life of a set with its claim.
  public init(set: SetID, arrival: Int64, claim: Claim) {
    self.set = set
    self.arrival = arrival
    self.claim = claim
    stage = .claiming
    farthest = 0
    failuresInRow = 0
    attempts = 1
    orphans = []
    controlUploads = 0
    wrongDigests = 0
    contentChanges = 0
  }

  /// The source it came from.
  public var source: SourceName { self.set.source }

  /// The batch that is being filled, is in doubt, or is scheduled.
  public var batch: BatchID? {
    switch stage {
    case .uploading(let batch, _), .inDoubt(let batch, _), .scheduled(let batch, _),
      .awaitingApproval(let batch):
      batch
    default: nil
    }
  }

  /// Every batch that belongs to this set or did: none of them can be another set's.
  public var allBatches: [BatchID] {
    [batch, heldInDoubt, dryRunBatch, rejectedDryRun].compactMap(\.self) + orphans + (earlierBatches ?? [])
  }

  /// True while the set is in its source's queue: a later one may not be scheduled before it.
  public var isQueued: Bool { stage.isQueued }

  /// Where the folder of a held or rejected set stands; nil for all others.
  public var filedPlace: Place? { stage.filedPlace }

  /// True if the server may have been asked to schedule this set's batch: it must never get another.
  public var mayBeScheduled: Bool {
    switch stage {
    case .inDoubt, .scheduled: true
    default: found != nil
    }
  }

  /// The batch of the dry run that the set's next import depends on, or depended on.
  public var lastDryRun: BatchID? {
    if case .awaitingApproval(let batch) = stage { return batch }
    return dryRunBatch
  }

  /// True for a held set of which an earlier batch may have been scheduled: a person must know that to have it tried again.
  public var needsImportAgain: Bool {
    if isProvenUnscheduled == true { return false }
    if heldInDoubt != nil { return true }
    if case .held(let reason, _) = stage { return reason.cause == .unproven }
    return false
  }

  /// True for a set that can be settled: it is held as possibly scheduled, or waits to be scheduled or approved.
  public var canBeReconciled: Bool {
    switch stage {
    case .held(_, filed: true): needsImportAgain
    case .claimed, .prepared, .uploading, .inDoubt, .awaitingApproval: true
    default: false
    }
  }

  /// True if the set was held for this cause before: it is here again only because a person said so.
  func wasHeld(for cause: Reason.Cause) -> Bool { objections?.contains(cause) == true }
}
