/// Counts what happened to the sets of each source since the program started.
public struct DeliveryTally: Sendable, Hashable {
  /// How an attempt to deliver a set ended.
  public enum Result: String, Sendable, CaseIterable {
    /// The server has scheduled its batch.
    case scheduled
    /// A step failed, and the set is tried again.
    case deferred
    case rejected, held
  }

  /// The counts of one source.
  public struct Counts: Sendable, Hashable {
    /// Attempts that have ended.
    public var attempts: [Result: Int64] = [:]
    /// Data files that the server has, each with the digest that was computed here.
    public var files: Int64 = 0
    /// Bytes of those.
    public var bytes: Int64 = 0
    /// When the server last scheduled a set, dry runs included.
    public var lastScheduled: Timestamp?
    /// What became of jobs.
    public var outcomes: [OutcomeState: Int64] = [:]

    public init(
      attempts: [Result: Int64] = [:], files: Int64 = 0, bytes: Int64 = 0, lastScheduled: Timestamp? = nil
    ) {
      self.attempts = attempts
      self.files = files
      self.bytes = bytes
      self.lastScheduled = lastScheduled
    }
  }

  /// The counts by source; a source of whose sets nothing happened is not there.
  public private(set) var sources: [SourceName: Counts] = [:]

  public init() {}

  /// Sets that were rejected, of all sources.
  public var rejections: Int { sources.values.reduce(0) { $0 + Int($1.attempts[.rejected] ?? 0) } }

  /// Takes in what has happened to a set at `time`; `delivery` is the set as it is afterwards.
  public mutating func count(_ event: DeliveryEvent, _ delivery: Delivery, at time: Timestamp) {
    switch event {
    case .fileUploaded(let key):
      let size = delivery.manifest?.files.first { ExactText($0.key) == ExactText(key) }?.content.size ?? 0
      var counts = sources[delivery.source] ?? Counts()
      counts.files += 1
      counts.bytes = counts.bytes.addingSaturated(size)
      sources[delivery.source] = counts
    case .scheduled:
      ended(.scheduled, delivery)
      sources[delivery.source, default: Counts()].lastScheduled = time
    case .attemptFailed: ended(.deferred, delivery)
    case .rejected: ended(.rejected, delivery)
    case .held: ended(.held, delivery)
    default: break
    }
  }

  /// Takes in what became of a job.
  public mutating func count(_ settled: SettledOutcome) {
    sources[settled.set.source, default: Counts()].outcomes[settled.outcome.state, default: 0] += 1
  }

  private mutating func ended(_ result: Result, _ delivery: Delivery) {
    sources[delivery.source, default: Counts()].attempts[result, default: 0] += 1
  }
}
