/// One thing that happened to a set. Events are what the journal holds: each is true once it is
/// written there, and the state of a set is nothing but its events applied in order.
public enum DeliveryEvent: Hashable, Codable, Sendable {
  /// The set was judged complete and is about to be renamed out of the drop directory.
  case claimBegun(claim: Claim)
  /// All its files stand in `work/`, durably.
  case claimed
  /// Nothing had been renamed and nothing will be: the set never came to be.
  case claimWithdrawn(reason: String)
  /// The files were read (again); these are their digests.
  case inspected(manifest: Manifest)
  /// The server answered that it does not have the control file.
  case controlMissed
  /// The server has the control file; `shared` if another set's upload of the same bytes served this one too.
  case controlUploaded(shared: Bool)
  /// The server made a batch.
  case batchCreated(batch: BatchID, server: String)
  /// The server has one data file, and its digest is ours.
  case fileUploaded(key: String)
  /// The batch will not be used: nobody schedules it, and another is created.
  case batchAbandoned(reason: Reason)
  /// The server returned another digest than ours: the batch will not be used, and this is counted.
  case digestDiffered(reason: Reason)
  /// A step did not succeed; it is repeated at `next`. `alone` if the server has answered others meanwhile.
  case attemptFailed(reason: Reason, next: Timestamp, alone: Bool)
  /// The batch is about to be scheduled. From here on no other batch may be, whatever happens.
  /// `thenApproval` for a dry run after which a person decides.
  /// `ifClean` if a clean dry run is as good as the person's word (`Mode=import-if-clean`).
  case scheduleIntended(mode: ImportMode, thenApproval: Bool? = nil, ifClean: Bool? = nil)
  /// The server has scheduled the batch; `repeated` if it said that it had done so before.
  case scheduled(repeated: Bool)
  /// The set stands in the archive.
  case archived
  /// The set cannot work; its folder is about to be moved to `rejected/`.
  case rejected(reason: Reason)
  /// A person must decide; its folder is about to be moved to `held/`.
  case held(reason: Reason)
  /// The set has the same bytes as `sameAs`, which its source had scheduled in this mode before. It is not sent,
  /// and its folder is about to be moved to the archive.
  case skipped(sameAs: SetID, mode: ImportMode)
  /// The folder of a rejected or held set stands in its place, with the reason beside it.
  case filed
  /// A person wants a rejected or held set to be tried again, from the beginning and in its old place in the queue.
  /// `importAgain` if they know that an earlier batch may have been scheduled.
  case retried(by: String, importAgain: Bool)
  /// A person wants an archived set to be imported again.
  case reopened(claim: Claim, by: String)
  /// The folder of a set that was tried again stands in `work/`, durably.
  case returned
  /// A person has seen the result of the dry run and wants the same bytes to be imported.
  case approved(by: String)
  /// The rule of `Mode=import-if-clean` wants the same bytes to be imported: the page of the dry run's batch said `dry-run`
  /// with 0 errors, and we have counted so many records.
  case approvedAsClean(records: Int64)
  /// What became of the dry run's job, as the page of its batch said.
  case dryRunEnded(batch: BatchID, outcome: JobOutcome)
  /// The server's list of batches has this batch of the set, and it was scheduled (`reconcile`). `thenApproval` for a dry run
  /// after which a person decides.
  case foundScheduled(batch: BatchID, server: String, mode: ImportMode, thenApproval: Bool)
  /// The server's list of batches has no scheduled batch of the set (`reconcile`).
  case foundUnscheduled
  /// A person was reminded that the set waits for approval.
  case approvalReminded
  /// A rejected or held set is to be forgotten, its folder deleted: a person wants that, or retention does
  /// (`RejectedKeepSec=`). `by` says which.
  case discarded(by: String)
  /// The folder of a discarded set is deleted. The set leaves the journal.
  case removed
}

extension DeliveryEvent {
  /// The event's name without its values, as it stands in the journal.
  public var name: String { caseName(of: self) }
}

/// The name of an enum's case without its values.
func caseName<Value>(of value: Value) -> String {
  let text = String(describing: value)
  return String(text.prefix { $0 != "(" })
}

extension DeliveryEvent {
  /// True if the program may not go on before this event is safe from a power cut; every other one rides along
  /// with the next that must be (docs/journal-format.md).
  public var mustBeDurable: Bool {
    switch self {
    // A claim is finished after a crash by what was written here: the rename may outlive a power cut, and may show the
    // files in both places. A set that the journal has forgotten would have lost its place in the order.
    case .claimBegun: true
    // From here on no other batch may be scheduled, and afterwards the set may leave `work/`.
    case .scheduleIntended, .scheduled: true
    case .rejected, .held, .skipped: true
    // What a person decided is acted on only when it cannot be forgotten.
    case .retried, .reopened, .approved, .approvedAsClean, .discarded, .foundScheduled, .foundUnscheduled:
      true
    case .claimed, .claimWithdrawn, .inspected, .controlMissed, .controlUploaded, .batchCreated,
      .fileUploaded, .batchAbandoned, .digestDiffered, .attemptFailed, .archived, .filed, .returned,
      .approvalReminded, .dryRunEnded, .removed:
      false
    }
  }
}
