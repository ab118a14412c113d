/// Where the set stands; each case lists only what is true there.
public enum DeliveryStage: Hashable, Codable, Sendable {
  /// The claim is intended; files may stand in the drop directory, in `work/`, or some in each.
  case claiming
  /// All files are in `work/`; their digests are not known yet.
  case claimed
  /// Digests are known, and there is no batch; `missing` if the server said so of the control file.
  case prepared(controlMissing: Bool)
  /// A batch exists and has the files of these keys.
  case uploading(batch: BatchID, uploaded: [String])
  /// The schedule call is intended and its outcome is not known.
  case inDoubt(batch: BatchID, mode: ImportMode)
  /// The server has scheduled it.
  case scheduled(batch: BatchID, mode: ImportMode)
  /// It left the queue for `rejected/`; `filed` once the folder stands there.
  case rejected(reason: Reason, filed: Bool)
  /// It left the queue for `held/`; `filed` once the folder stands there.
  case held(reason: Reason, filed: Bool)
  /// Its folder is on its way back into `work/`, to be tried again.
  case returning(from: Delivery.Place)
  /// Its dry run is scheduled, and a person has to say whether it is to be imported.
  case awaitingApproval(dryRun: BatchID)
  /// It has left the queue without being sent, for the server has its bytes; `mode` is what it would have been asked.
  case skipped(mode: ImportMode)
  /// A rejected or held set is being forgotten; its folder may be deleted in part.
  case discarding(from: Delivery.Place)
  /// Nothing is left to do.
  case finished
}

extension DeliveryStage {
  /// True while the set is in its source's queue: a later one may not be scheduled before it.
  var isQueued: Bool {
    switch self {
    case .claiming, .claimed, .prepared, .uploading, .inDoubt, .returning: true
    case .scheduled, .rejected, .held, .awaitingApproval, .skipped, .discarding, .finished: false
    }
  }

  /// Where the folder of a held or rejected set stands; nil for all others.
  var filedPlace: Delivery.Place? {
    switch self {
    case .held(_, filed: true): .held
    case .rejected(_, filed: true): .rejected
    default: nil
    }
  }

  /// How far this is, as a count of steps of one delivery.
  var progress: Int {
    switch self {
    case .claiming: 0
    case .claimed: 1
    case .prepared: 2
    case .uploading(_, let uploaded): 3 + uploaded.count
    case .returning: 0
    // More than any number of files, and small enough for every reader of JSON to hold exactly.
    case .inDoubt, .scheduled, .awaitingApproval, .rejected, .held, .skipped, .discarding, .finished:
      2_000_000_000
    }
  }

  /// The stage's name without its values, as it stands in the journal's snapshots.
  public var name: String { caseName(of: self) }
}

/// The state of a set as users see it (haplo-importd(8), "States of a set").
public enum SetState: String, Codable, Sendable, CaseIterable {
  /// Taken out of the drop directory; nothing has been sent for it yet.
  case claimed
  /// Its batch is being filled.
  case uploading
  /// Its batch is being scheduled, or may have been: only the same batch is tried again.
  case scheduling
  /// The server will import it; the folder is on its way to the archive.
  case scheduled
  /// Done.
  case archived
  /// A step failed and is repeated later.
  case deferred
  /// A person must decide.
  case held
  /// Its dry run is scheduled; a person says whether it is imported.
  case awaitingApproval = "awaiting-approval"
  /// It cannot work as it is.
  case rejected
  /// It has the same bytes as the set scheduled before it, and was not sent.
  case skipped
}

/// A scheduled batch of a set that was found in the server's list, while the journal did not know whether it was scheduled.
public struct FoundBatch: Hashable, Codable, Sendable {
  public var batch: BatchID
  /// URL of the server.
  public var server: String
  /// The mode in which it was scheduled.
  public var mode: ImportMode
  /// True if a person decides after it.
  public var thenApproval: Bool
}
