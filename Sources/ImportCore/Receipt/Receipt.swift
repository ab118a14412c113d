/// What is known of an archived set: the proof that it went in, for people and for `verify`. It says
/// SCHEDULED and never "imported", for the API does not tell what became of the job (PROTOCOL).
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
  }

  /// The set.
  public var set: SetID
  /// Its source.
  public var source: SourceName
  /// Folder or control file name it was dropped under.
  public var name: String
  /// How it was dropped.
  public var form: SetForm
  /// The server's URL.
  public var server: String
  /// What the server was asked to do.
  public var mode: ImportMode
  /// The batch that was scheduled.
  public var batch: BatchID
  /// The server's word for it.
  public var result: String
  /// The control file.
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
  /// Tries in all.
  public var attempts: Int
  /// Batches that were created for this set and never scheduled.
  public var orphanedBatches: [BatchID]
  /// The batch of the dry run that a person approved before the import.
  public var dryRunBatch: BatchID?
  /// Batches that were, or may have been, scheduled before a person had the set imported again.
  public var earlierBatches: [BatchID]?

  /// Makes the receipt of a scheduled set; nil for any other. All files were uploaded by then, each with the
  /// server's digest equal to ours, for nothing else lets a delivery get so far.
  public init?(_ delivery: Delivery, archived: Timestamp, others: [ManifestFile] = []) {
    guard case .scheduled(let batch, let mode) = delivery.stage, let manifest = delivery.manifest,
      let server = delivery.server
    else { return nil }
    set = delivery.set
    source = delivery.source
    name = delivery.claim.name
    form = delivery.claim.form
    self.server = server
    self.mode = mode
    self.batch = batch
    result = "SCHEDULED"
    let controlSent = delivery.controlUploads > 0
    control = File(nil, manifest.control, server: controlSent)
    files = manifest.files.map { File($0.key, $0.content, server: true) }
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

extension Receipt.File {
  init(_ key: String?, _ content: ManifestFile, server: Bool) {
    self.key = key
    file = content.file
    size = content.size
    sha256 = content.sha256
    sha256Server = server ? content.sha256 : nil
  }
}
