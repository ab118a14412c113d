public import ImportCore
import ImportStorage

/// One set as `list` and `show` print it. docs/json.md lists its members; absent values are written as null.
public struct SetReport: Sendable, Hashable {
  /// One file of the set; `key` is nil for the control file.
  public struct File: Sendable, Hashable, Codable {
    @OrNull public var key: String?
    public var file: String
    public var size: Int64
    public var sha256: SHA256Digest
    /// Number of records of a data file; nil if they were not counted, and for the control file.
    @OrNull public var records: Int64?
  }

  public var set: SetID
  public var source: SourceName
  public var state: SetState
  /// What is or will be scheduled: `dry-run`, `import`, or `approve` for a set whose source wants a dry run first.
  public var mode: String?
  /// The folder or control file that was dropped.
  public var name: String
  public var form: SetForm
  public var completed: Timestamp
  public var claimed: Timestamp?
  public var scheduled: Timestamp?
  public var archived: Timestamp?
  /// When retention deleted the files of an archived set (`ArchiveFilesKeepSec=`); nil while they are kept.
  public var filesRemoved: Timestamp?
  /// The batch that is uploaded or scheduled; until there is one for the import, that of the dry run.
  public var batch: BatchID?
  /// For a skipped set: the scheduled one that has the same bytes.
  public var sameAs: SetID?
  public var orphanedBatches: [BatchID]
  public var attempts: Int
  /// When the next attempt is.
  public var next: Timestamp?
  public var reason: String?
  public var remedy: String?
  /// The step, status and key that the reason is about.
  public var step: ServerStep?
  public var http: Int?
  public var key: String?
  /// Where its files are now.
  public var path: String
  public var server: String?
  /// What became of the job of the set's last batch; nil where outcomes are not read. While it is pending, and `unknown`,
  /// all but the state can be missing.
  public var outcome: JobOutcome?
  public var control: File?
  public var files: [File]

  /// Number of records in all data files; nil if those of one were not counted.
  public var records: Int64? { Int64.total(files.map(\.records)) }
}

/// An outcome as `list` and `show` print it, with every member.
private struct OutcomeReport: Encodable {
  let outcome: JobOutcome

  private enum Key: String, CodingKey { case state, errors, seen, reason }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(outcome.state, forKey: .state)
    try values.encode(outcome.errors, forKey: .errors)
    try values.encode(outcome.seen?.rfc3339, forKey: .seen)
    try values.encode(outcome.reason, forKey: .reason)
  }
}

extension SetReport: Codable {
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(set, forKey: .set)
    try values.encode(source, forKey: .source)
    try values.encode(state, forKey: .state)
    try values.encode(mode, forKey: .mode)
    try values.encode(name, forKey: .name)
    try values.encode(form, forKey: .form)
    try values.encode(completed.rfc3339, forKey: .completed)
    try values.encode(claimed?.rfc3339, forKey: .claimed)
    try values.encode(scheduled?.rfc3339, forKey: .scheduled)
    try values.encode(archived?.rfc3339, forKey: .archived)
    try values.encode(filesRemoved?.rfc3339, forKey: .filesRemoved)
    try values.encode(batch, forKey: .batch)
    try values.encode(sameAs, forKey: .sameAs)
    try values.encode(orphanedBatches, forKey: .orphanedBatches)
    try values.encode(attempts, forKey: .attempts)
    try values.encode(next?.rfc3339, forKey: .next)
    try values.encode(reason, forKey: .reason)
    try values.encode(remedy, forKey: .remedy)
    try values.encode(step, forKey: .step)
    try values.encode(http, forKey: .http)
    try values.encode(key, forKey: .key)
    try values.encode(path, forKey: .path)
    try values.encode(server, forKey: .server)
    try values.encode(outcome.map(OutcomeReport.init), forKey: .outcome)
    try values.encode(control, forKey: .control)
    try values.encode(files, forKey: .files)
  }
}

extension SetReport {
  /// Describes a set that the journal knows. `mode` is what its source is configured for, which holds until the intent
  /// fixes it; `job` is the one whose outcome is not known yet, `unread` says why that is not read at present, and `stop` why
  /// no sets of the source are scheduled.
  init(
    _ delivery: Delivery, mode configured: String?, job: OpenOutcome? = nil, unread: String? = nil,
    stop: String? = nil, spool: String, now: Timestamp
  ) {
    set = delivery.set
    source = delivery.source
    state = delivery.state(now: now)
    mode = delivery.intendedMode?.rawValue ?? configured
    name = delivery.claim.name
    form = delivery.claim.form
    completed = delivery.claim.completed
    claimed = delivery.claimedAt
    scheduled = delivery.scheduledAt
    batch = delivery.batch ?? delivery.heldInDoubt ?? delivery.lastDryRun ?? delivery.rejectedDryRun
    sameAs = delivery.sameAs
    orphanedBatches = delivery.orphans
    attempts = delivery.attemptsMade
    next = delivery.activeDeferral(now: now)?.next
    let waiting = WaitingReason(
      awaiting: delivery, mode: configured, isFollowed: job != nil, unread: unread, stop: stop)
    reason =
      delivery.reason?.text ?? sameAs.map { Reason.skipped($0).text } ?? waiting?.text
      ?? (delivery.isStateOnly == true ? Reason.confirmedByState.text : nil)
    remedy = delivery.reason == nil ? waiting?.remedy : delivery.reason?.remedy
    step = delivery.reason?.step
    http = delivery.reason?.http
    key = delivery.reason?.key
    path = Self.path(delivery, spool: spool)
    server = delivery.server
    let lastBatch = delivery.batch ?? delivery.heldInDoubt ?? delivery.lastDryRun
    outcome =
      job.flatMap { $0.batch == lastBatch ? JobOutcome(.pending, reason: unread) : nil }
      ?? delivery.dryRunOutcome
    control = delivery.manifest.map { File(key: nil, $0.control) }
    files = delivery.manifest?.files.map { File(key: $0.key, $0.content) } ?? []
  }

  /// Describes a set that stands in the archive. `job` is the one whose outcome is not known yet, and `unread` says why that is
  /// not read at present.
  init(
    _ receipt: Receipt, outcome stored: JobOutcome? = nil, job: OpenOutcome? = nil, unread: String? = nil,
    spool: String
  ) {
    set = receipt.set
    source = receipt.source
    state = receipt.sameAs == nil ? .archived : .skipped
    mode = receipt.mode.rawValue
    name = receipt.name
    form = receipt.form
    completed = receipt.completed
    claimed = receipt.claimed
    scheduled = receipt.scheduled
    archived = receipt.archived
    filesRemoved = receipt.filesRemoved
    batch = receipt.batch
    sameAs = receipt.sameAs
    reason =
      sameAs.map { Reason.skipped($0).text }
      ?? (receipt.confirmed == .stateOnly ? Reason.confirmedByState.text : nil)
    orphanedBatches = receipt.orphanedBatches
    attempts = receipt.attempts
    path = Spool.path(in: spool, .archive, of: receipt.set)
    server = receipt.server
    outcome = stored ?? job.flatMap { $0.batch == receipt.batch ? JobOutcome(.pending, reason: unread) : nil }
    // A confirmation by state only is settled by the end of the job.
    if let stored, stored.state != .unknown, sameAs == nil { reason = nil }
    control = File(receipt.control)
    files = receipt.files.map { File($0) }
  }

  /// True if the set's job may have ended, and nobody looks.
  public var isOutcomeUnread: Bool { outcome?.state == .pending && outcome?.reason != nil }

  private static func path(_ delivery: Delivery, spool: String) -> String {
    switch delivery.stage {
    case .claiming: "\(delivery.claim.directory)/\(delivery.claim.name)"
    case .rejected(_, filed: true): Spool.path(in: spool, .rejected, of: delivery.set)
    case .held(_, filed: true): Spool.path(in: spool, .held, of: delivery.set)
    case .returning(.held), .discarding(.held): Spool.path(in: spool, .held, of: delivery.set)
    case .returning(.rejected), .discarding(.rejected): Spool.path(in: spool, .rejected, of: delivery.set)
    case .returning(.archive), .finished: Spool.path(in: spool, .archive, of: delivery.set)
    default: Spool.path(in: spool, .work, of: delivery.set)
    }
  }
}

extension SetReport.File {
  init(key: String?, _ content: ManifestFile) {
    self.init(
      key: key, file: content.file, size: content.size, sha256: content.sha256, records: content.records)
  }

  init(_ file: Receipt.File) {
    self.init(key: file.key, file: file.file, size: file.size, sha256: file.sha256, records: file.records)
  }
}

extension Delivery {
  /// Attempts that have failed or have changed something on the server. The journal counts the one to come as well.
  fileprivate var attemptsMade: Int {
    let hasAsked = server != nil || controlUploads > 0 || reason?.step != nil
    return deferral == nil && hasAsked ? attempts : attempts - 1
  }

  /// What the server was, or may have been, asked to do; nil before the intent.
  var intendedMode: ImportMode? {
    switch stage {
    case .inDoubt(_, let mode), .scheduled(_, let mode), .skipped(let mode): mode
    case _ where dryRunBatch != nil: .import
    default: nil
    }
  }
}
