public import ImportCore
public import ImportSystem

/// The outcome of a set's job, as it is stored next to its receipt (`outcome.json`).
public struct OutcomeFile: Sendable {
  static let name = "outcome.json"
  private static let largest = 64 << 10

  private let settled: SettledOutcome

  /// Takes the end of a job.
  public init(_ settled: SettledOutcome) { self.settled = settled }

  /// Stores the end of a job in the set's folder. Durable on return; repeating is harmless. A folder that is gone needs none,
  /// nor one whose receipt is that of another batch: the set was imported again. Blocks.
  public func store(in spool: Spool, _ area: SpoolArea) throws(SystemError) {
    let folder: Directory
    do {
      folder = try spool.root.fileSystem.openDirectory(spool.path(area, of: settled.set))
    } catch  where error.isMissing || error.isNotDirectory {
      return
    }
    if area == .archive, let receipt = ArchivedSet.receipt(in: folder), receipt.batch != settled.batch {
      return
    }
    try folder.store(
      StoredJSON.bytes(of: settled), as: Self.name, mode: 0o640, replacing: true, for: "outcome")
  }

  /// Reads the end of the job of `batch`; nil if it is not stored, or that of an earlier batch is.
  public static func outcome(in folder: Directory, of batch: BatchID?) -> JobOutcome? {
    let settled = StoredJSON.read(SettledOutcome.self, name, in: folder, atMost: largest)
    return settled.flatMap { batch != nil && $0.batch == batch ? $0.outcome : nil }
  }
}
