/// All jobs whose end is not known yet, and whether they are read.
public struct OpenOutcomes: Hashable, Sendable {
  /// By batch.
  public private(set) var jobs: [BatchID: OpenOutcome] = [:]
  /// In the order of scheduling, which a clock that is set does not change.
  private var order: [BatchID] = []
  /// The batches of each set.
  private var batches: [SetID: Set<BatchID>] = [:]
  /// Whether the outcome key is used.
  public internal(set) var reading = OutcomeReading()

  /// Begins with none.
  public init() {}

  /// In the order of scheduling, which is that of their ends.
  public var ordered: [OpenOutcome] { order.compactMap { jobs[$0] } }

  /// The job of a set; of several the one that was scheduled last.
  public func job(of set: SetID) -> OpenOutcome? {
    batches[set]?.compactMap { jobs[$0] }.max {
      ($0.scheduled, $0.batch.text) < ($1.scheduled, $1.batch.text)
    }
  }

  mutating func open(_ job: OpenOutcome) {
    if jobs.updateValue(job, forKey: job.batch) == nil { order.append(job.batch) }
    batches[job.set, default: []].insert(job.batch)
  }

  mutating func close(_ batch: BatchID) {
    guard let job = jobs.removeValue(forKey: batch) else { return }
    order.removeAll { $0 == batch }
    batches[job.set]?.remove(batch)
    if batches[job.set]?.isEmpty == true { batches[job.set] = nil }
  }

  /// The records from which the same can be read again.
  var snapshot: [JournalEntry] {
    (reading.stop == nil ? [] : [.outcomeReading(reading)]) + ordered.map { .outcomeOpened($0) }
  }
}
