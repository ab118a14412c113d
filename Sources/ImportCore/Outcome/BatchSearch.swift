/// Searches the server's list of batches for the scheduled batches of sets of which nobody knows whether they were scheduled.
public struct BatchSearch: Sendable {
  /// Comments begin an id with its time: so many bytes, by which ids are looked up.
  private static let prefix = 16
  /// So many rows of one set are kept.
  private static let mostRows = 100

  private var ids: [String: [SetID]] = [:]
  /// The scheduled batches of each set, newest first.
  public private(set) var rows: [SetID: [BatchListRow]] = [:]

  public init(_ sets: [SetID]) {
    ids = Dictionary(grouping: sets) { String(decoding: $0.text.utf8.prefix(Self.prefix), as: UTF8.self) }
  }

  /// Takes one row of the list.
  public mutating func take(_ row: BatchListRow) {
    guard row.state.isScheduled else { return }
    for set in sets(in: Array(row.comment.utf8)) where rows[set, default: []].count < Self.mostRows {
      rows[set, default: []].append(row)
    }
  }

  /// The sets whose ids are in a comment.
  private func sets(in comment: [UInt8]) -> Set<SetID> {
    var found: Set<SetID> = []
    guard comment.count >= Self.prefix else { return found }
    for start in 0...comment.count - Self.prefix where comment[start] == UInt8(ascii: "2") {
      let prefix = String(decoding: comment[start..<start + Self.prefix], as: UTF8.self)
      for set in ids[prefix] ?? [] where comment[start...].starts(with: set.text.utf8) { found.insert(set) }
    }
    return found
  }

  /// The row of the batch that stands for a set: the one that the journal knows as possibly scheduled, else the newest. Rows of batches
  /// of earlier lives are others, and so are those of dry runs if the set has had its dry run. Nil if there is none.
  public func row(of delivery: Delivery) -> BatchListRow? {
    let others = [delivery.lastDryRun].compactMap(\.self) + (delivery.earlierBatches ?? [])
    let own = (rows[delivery.set] ?? []).filter { row in
      !others.contains { row.isOf(delivery.set, $0) }
        && (delivery.lastDryRun == nil || row.state.mode != .dryRun)
    }
    let known = delivery.heldInDoubt ?? delivery.batch
    return own.first { row in known.map { row.isOf(delivery.set, $0) } ?? false }
      ?? own.max { $0.number < $1.number }
  }
}

extension ServerBatchState {
  /// The mode in which a batch in this state was scheduled; nil where the state does not tell.
  public var mode: ImportMode? {
    switch self {
    case .complete: .import
    case .dryRun: .dryRun
    case .ready, .uploading, .scheduled, .running, .error: nil
    }
  }
}

/// Searches one answer with the server's list for the proof that a job will never end: in it the job's own row is open, and that of a
/// job that was scheduled later has ended. Jobs run one at a time in the order of scheduling.
///
/// Both rows must be of the same answer. A server that was restored from a backup between two answers shows a job as open in the second
/// that had ended in the first, as the later one had, and will run it again.
public struct StuckProof: Sendable {
  /// The batches of a source are created side by side, so that the one of a later set can have a lower number, but not by much.
  private static let mostBelow: Int64 = 100
  /// Later jobs of the source that are known by their batches; all others are later if their numbers are higher.
  private static let mostLater = 100

  private let job: OpenOutcome
  private let number: Int64
  private let newest: Int64
  private let later: [OpenOutcome]
  private var isOpen: Bool?
  private var ended: Int64?

  /// Searches for a job that was found in the list before; nil for any other.
  ///
  /// - Parameter jobs: All open jobs in the order of scheduling.
  public init?(_ job: OpenOutcome, among jobs: [OpenOutcome]) {
    guard let number = job.number, let newest = job.newest else { return nil }
    (self.job, self.number, self.newest) = (job, number, newest)
    later = Array(job.later(in: jobs).prefix(Self.mostLater))
  }

  /// The number of a batch that was scheduled later and has ended while the job was open; nil if none was found.
  public var laterBatch: Int64? { isOpen == true ? ended : nil }

  /// Takes the next row, newest first. Returns false once no further row matters.
  public mutating func take(_ row: BatchListRow) -> Bool {
    if row.number == number {
      isOpen = row.isOf(job.set, job.batch) && (row.state == .scheduled || row.state == .running)
    } else if ended == nil, row.state.isFinished, isLater(row) {
      ended = row.number
    }
    guard let isOpen else { return row.number > number }
    return isOpen && ended == nil && !later.isEmpty
      && row.number > number.subtractingSaturated(Self.mostBelow)
  }

  private func isLater(_ row: BatchListRow) -> Bool {
    row.number > newest || later.contains { row.isOf($0.set, $0.batch) }
  }
}
