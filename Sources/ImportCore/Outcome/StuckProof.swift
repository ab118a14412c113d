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
