/// A job whose end is not known yet, as the journal holds it from the schedule call on: a set leaves the journal when it is
/// archived, long before its job ends.
public struct OpenOutcome: Hashable, Codable, Sendable {
  public var set: SetID
  public var batch: BatchID
  /// URL of the server that scheduled it.
  public var server: String
  /// The mode in which it was scheduled.
  public var mode: ImportMode
  /// When the server's answer to the schedule call was known.
  public var scheduled: Timestamp
  /// The batch's number in the server's database, once it was found in the list.
  public var number: Int64?
  /// The highest number in the list when the batch was found there: batches with a higher one were created, and so
  /// scheduled, later than this one.
  public var newest: Int64?
  /// True for a job that was found in the list by a comparison (`reconcile`): it was scheduled some time before.
  public var isFound: Bool?

  /// Describes a job that was scheduled just now.
  public init(set: SetID, batch: BatchID, server: String, mode: ImportMode, scheduled: Timestamp) {
    self.set = set
    self.batch = batch
    self.server = server
    self.mode = mode
    self.scheduled = scheduled
  }

  /// Describes the job of a set whose schedule call is in doubt, and is known to have succeeded at `time`; nil for any other
  /// set.
  public init?(_ delivery: Delivery, scheduled time: Timestamp) {
    guard case .inDoubt(let batch, let mode) = delivery.stage, let server = delivery.server else {
      return nil
    }
    self.init(set: delivery.set, batch: batch, server: server, mode: mode, scheduled: time)
  }

  /// Describes the job of a set whose batch is scheduled, and of which no end is known; nil for any other set.
  public init?(scheduled delivery: Delivery) {
    guard let server = delivery.server, let scheduled = delivery.scheduledAt else { return nil }
    switch delivery.stage {
    case .scheduled(let batch, let mode):
      self.init(set: delivery.set, batch: batch, server: server, mode: mode, scheduled: scheduled)
    case .awaitingApproval(let batch) where delivery.dryRunOutcome == nil:
      self.init(set: delivery.set, batch: batch, server: server, mode: .dryRun, scheduled: scheduled)
    default: return nil
    }
  }

  /// The open jobs of the same source and server that were certainly scheduled later, of all in the order of scheduling. Of a job that
  /// was found in the list, or opened again, the order is not known, and a clock that was set back can show any time: only both together
  /// count.
  public func later(in jobs: [OpenOutcome]) -> [OpenOutcome] {
    jobs.drop { $0.batch != batch }.filter {
      $0.set.source == set.source && $0.server == server && $0.scheduled > scheduled && $0.isFound != true
    }
  }

  /// True once the job has had `timeout` to end. A time before which the clock was set back is over at once only if
  /// `timeout` is.
  public func isOverdue(_ timeout: Duration, now: Timestamp) -> Bool { now.since(scheduled) >= timeout }
}

/// The outcome of a job, as the journal and `outcome.json` hold it.
public struct SettledOutcome: Hashable, Codable, Sendable {
  public var set: SetID
  public var batch: BatchID
  /// The mode in which it was scheduled.
  public var mode: ImportMode
  /// The job's outcome.
  public var outcome: JobOutcome
  /// URL of the server.
  public var server: String
  /// The batch's number in the server's database, if it was found there.
  public var number: Int64?
  /// When the server's answer to the schedule call was known; nil in records that do not have it.
  public var scheduled: Timestamp?

  public init(_ open: OpenOutcome, _ outcome: JobOutcome) {
    set = open.set
    batch = open.batch
    mode = open.mode
    server = open.server
    number = open.number
    scheduled = open.scheduled
    self.outcome = outcome
  }
}

/// Whether the outcome key is used: not after it was refused, until a reload or another key.
public struct OutcomeReading: Hashable, Codable, Sendable {
  /// A refusal.
  public struct Stop: Hashable, Codable, Sendable {
    /// Fingerprint of the key that was refused.
    public var key: String
    /// The refusal, with its remedy.
    public var refusal: OutcomeRefusal
    /// When.
    public var since: Timestamp

    public init(key: String, refusal: OutcomeRefusal, since: Timestamp) {
      self.key = key
      self.refusal = refusal
      self.since = since
    }
  }

  /// Nil while nothing was refused.
  public var stop: Stop?

  /// Begins with a refusal, or none.
  public init(stop: Stop? = nil) { self.stop = stop }

  /// True if this key must not be used.
  public func stops(_ key: String) -> Bool { stop?.key == key }
}
