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
