/// A journal that ended before the newest set in the archive was scheduled: somebody has put a backup of it in its place.
/// What it takes for unscheduled may have been scheduled since.
public struct OutdatedJournal: Hashable, Codable, Sendable {
  /// The archived set that shows it.
  public var set: SetID
  /// When that set was scheduled, by its receipt.
  public var scheduled: Timestamp
  /// When the journal ended; nil if it knows the set, and takes it for unscheduled.
  public var ended: Timestamp?

  public init(set: SetID, scheduled: Timestamp, ended: Timestamp?) {
    self.set = set
    self.scheduled = scheduled
    self.ended = ended
  }

  /// Why nothing is taken or sent, for people.
  public var text: String {
    "the journal is older than the archive: set \(set) was scheduled at \(scheduled.rfc3339)"
      + (ended.map { ", and the journal ended at \($0.rfc3339)" }
        ?? ", and the journal takes it for unscheduled")
      + "; sets that were scheduled since may be scheduled a second time"
  }

  /// The text in a few words.
  public static let summary = "the journal is older than the archive"

  /// The remedy for a person.
  public static let remedy =
    "put the newest journal.jsonl back if there is one; else run 'haplo-importd reconcile', which compares with the server's list "
    + "of batches (it needs OutcomeKeyFile=), or compare that list yourself with the sets in work/, held/ and the drop "
    + "directories, and run 'haplo-importd reconcile --assume-new' when none of them was scheduled"
}

/// What a receipt says of a scheduled set, as far as a journal is compared with it.
public struct ScheduledReceipt: Hashable, Sendable {
  public var set: SetID
  public var scheduled: Timestamp

  public init(set: SetID, scheduled: Timestamp) {
    self.set = set
    self.scheduled = scheduled
  }
}

extension JournalState {
  /// Compares the journal with the newest receipts of the archive. `ended` is the time of its last record, if it is known.
  ///
  /// *Scheduled* is durable before a set is moved into the archive, so a journal that was not replaced knows every archived
  /// set: as one of the last that were scheduled, or as older than its own last record. A machine that was set back as a
  /// whole has an archive as old as its journal.
  ///
  /// - Returns: the newest receipt that the journal contradicts; nil if it contradicts none.
  public func outdated(by receipts: [ScheduledReceipt], ended: Timestamp?) -> OutdatedJournal? {
    let last = (histories.values.compactMap(\.lastScheduled) + [ended].compactMap(\.self)).max()
    let newest = receipts.filter { contradicts($0, last: last) }.max { $0.scheduled < $1.scheduled }
    return newest.map {
      OutdatedJournal(set: $0.set, scheduled: $0.scheduled, ended: deliveries[$0.set] == nil ? last : nil)
    }
  }

  /// The sets that wait to be scheduled and can be held, in the order of arrival.
  public var holdable: [SetID] {
    deliveries.values.filter { delivery in
      if case .returning = delivery.stage { return false }
      return delivery.isQueued
    }.sorted { $0.arrival < $1.arrival }.map(\.set)
  }

  private func contradicts(_ receipt: ScheduledReceipt, last: Timestamp?) -> Bool {
    if let delivery = deliveries[receipt.set] { return delivery.isUnscheduledAsFarAsKnown }
    if histories[receipt.set.source]?.hasScheduled(receipt.set) == true { return false }
    return last.map { receipt.scheduled > $0 } ?? false
  }
}

extension Delivery {
  /// True if the set waits to be scheduled, and not because a person wants it imported again.
  fileprivate var isUnscheduledAsFarAsKnown: Bool {
    if case .returning(.archive) = stage { return false }
    return isQueued
  }
}

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
