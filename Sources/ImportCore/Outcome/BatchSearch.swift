/// Searches the server's list of batches for the scheduled batches of sets of which nobody knows whether they were scheduled.
public struct BatchSearch: Sendable {
  /// Comments begin an id with its time: so many bytes, by which ids are looked up.
  private static let prefix = 16
  /// So many rows of one set are kept.
  private static let mostRows = 100

  private var ids: [String: [SetID]] = [:]
  /// The scheduled batches of each set, newest first.
  public private(set) var rows: [SetID: [BatchListRow]] = [:]

  /// Searches for these sets.
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

  /// The row of the batch that stands for a set: the one that the journal knows as possibly scheduled, else the newest. Rows
  /// of the dry run that was approved, and of batches of earlier lives, are others. Nil if there is none.
  public func row(of delivery: Delivery) -> BatchListRow? {
    let others = [delivery.dryRunBatch].compactMap(\.self) + (delivery.earlierBatches ?? [])
    let own = (rows[delivery.set] ?? []).filter { row in !others.contains { row.isOf(delivery.set, $0) } }
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
