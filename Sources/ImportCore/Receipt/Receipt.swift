/// What is known of an archived set: the proof that it went in, for people and for `verify`. It says
/// SCHEDULED and never "imported", for the API does not tell what became of the job (docs/server.md).
public struct Receipt: Hashable, Codable, Sendable {
  /// One file as it was sent.
  public struct File: Hashable, Codable, Sendable {
    /// Key of the control file's `files`; nil for the control file itself.
    public var key: String?
    /// Its name in `files/`; a fixed control file stands beside `files/`.
    public var file: String
    /// Size in bytes.
    public var size: Int64
    /// SHA-256 computed here.
    public var sha256: SHA256Digest
    /// SHA-256 that the server returned; nil if the server had the control file already.
    public var sha256Server: SHA256Digest?
    /// Number of records that the server reads; nil for the control file, if they were not counted, and in older receipts.
    public var records: Int64?
    /// The field whose values are kept in `keys/` as the keys of its records; nil if none are.
    public var recordKey: String?
  }

  public var set: SetID
  public var source: SourceName
  /// Folder or control file name it was dropped under.
  public var name: String
  /// How it was dropped.
  public var form: SetForm
  /// The server's URL; nil for a skipped set that never had a batch.
  public var server: String?
  /// How scheduling was confirmed: by the server's `SCHEDULED`, or only by the batch's state.
  public enum Confirmation: String, Codable, Sendable, CaseIterable {
    /// The server answered `SCHEDULED`: the job exists.
    case scheduled
    /// The server answered that the batch is not uploading any more: an earlier call changed its state, and the job
    /// exists unless the server failed in the middle of that call (docs/server.md, "What retrying does").
    case stateOnly = "state-only"
  }

  /// What the server was asked to do.
  public var mode: ImportMode
  /// The batch that was scheduled; nil for a skipped set.
  public var batch: BatchID?
  /// `SCHEDULED`, the server's word for it, or `SKIPPED`.
  public var result: String
  /// How scheduling was confirmed; nil for a skipped set, and in receipts that were written before this was kept.
  public var confirmed: Confirmation?
  /// For a skipped set: the one with the same bytes that was scheduled before it.
  public var sameAs: SetID?
  public var control: File
  /// The data files in the order of upload.
  public var files: [File]
  /// Everything else that lies in `files/` and was not sent: a marker, a list of digests. Nil in receipts that were
  /// written before this was kept.
  public var others: [File]?
  /// When the set was seen complete.
  public var completed: Timestamp
  /// When it stood in `work/`.
  public var claimed: Timestamp?
  /// When the server's answer to the schedule call was known.
  public var scheduled: Timestamp?
  /// When this receipt was written, just before the move to the archive.
  public var archived: Timestamp
  /// When its files were deleted, as retention says (`ArchiveFilesKeepSec=`); nil while they are kept.
  public var filesRemoved: Timestamp?
  /// Tries in all.
  public var attempts: Int
  /// Batches that were created for this set and never scheduled.
  public var orphanedBatches: [BatchID]
  /// The batch of the dry run that a person approved before the import.
  public var dryRunBatch: BatchID?
  /// Batches that were, or may have been, scheduled before a person had the set imported again.
  public var earlierBatches: [BatchID]?

  /// Makes the receipt of a scheduled or skipped set; nil for any other. All files of a scheduled one were uploaded,
  /// each with the server's digest equal to ours, for nothing else lets a delivery get so far; of a skipped one some may
  /// have been, into a batch that nobody schedules.
  public init?(_ delivery: Delivery, archived: Timestamp, others: [ManifestFile] = []) {
    guard let manifest = delivery.manifest, let (mode, batch) = delivery.ending else { return nil }
    set = delivery.set
    source = delivery.source
    name = delivery.claim.name
    form = delivery.claim.form
    server = delivery.server
    self.mode = mode
    self.batch = batch
    sameAs = delivery.sameAs
    result = batch == nil ? "SKIPPED" : "SCHEDULED"
    confirmed = batch == nil ? nil : delivery.isStateOnly == true ? .stateOnly : .scheduled
    let controlSent = delivery.controlUploads > 0
    control = File(nil, manifest.control, server: controlSent)
    files = manifest.files.map { File($0.key, $0.content, server: batch != nil) }
    self.others = others.map { File(nil, $0, server: false) }
    completed = delivery.claim.completed
    claimed = delivery.claimedAt
    scheduled = delivery.scheduledAt
    self.archived = archived
    attempts = delivery.attempts
    orphanedBatches = delivery.orphans
    dryRunBatch = delivery.dryRunBatch
    earlierBatches = delivery.earlierBatches
  }
}

extension Delivery {
  /// How the set ended, or is about to: what the server was asked, and by which batch; no batch if it was skipped.
  fileprivate var ending: (mode: ImportMode, batch: BatchID?)? {
    switch stage {
    case .scheduled(let batch, let mode): server == nil ? nil : (mode, batch)
    case .skipped(let mode): (mode, nil)
    default: nil
    }
  }
}

extension Receipt.File {
  init(_ key: String?, _ content: ManifestFile, server: Bool) {
    self.key = key
    file = content.file
    size = content.size
    sha256 = content.sha256
    sha256Server = server ? content.sha256 : nil
    records = content.records
    recordKey = content.recordKey
  }
}
