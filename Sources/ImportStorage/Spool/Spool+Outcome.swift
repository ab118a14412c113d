import FoundationEssentials
public import ImportCore
public import ImportSystem

/// What became of a set's job, as it is stored beside its receipt (`outcome.json`).
extension Spool {
  static let outcomeName = "outcome.json"
  private static let largestOutcome = 64 << 10

  /// Stores the end of a job in the set's folder. Durable on return; repeating is harmless. A folder that is gone needs none,
  /// nor one whose receipt is that of another batch: the set was imported again. Blocks.
  public func store(_ settled: SettledOutcome, in area: SpoolArea) throws(SystemError) {
    let folder: Directory
    do {
      folder = try root.fileSystem.openDirectory(path(area, of: settled.set))
    } catch  where error.isMissing || error.isNotDirectory {
      return
    }
    if area == .archive, let receipt = ArchivedSet.receipt(in: folder), receipt.batch != settled.batch {
      return
    }
    try folder.store(
      Self.encoded(settled), as: Self.outcomeName, mode: 0o640, replacing: true, for: "outcome")
  }

  /// Reads the end of the job of `batch`; nil if it is not stored, or that of an earlier batch is.
  public static func outcome(in folder: Directory, of batch: BatchID?) -> JobOutcome? {
    guard let batch, let bytes = try? folder.readFile(outcomeName, atMost: largestOutcome),
      let settled = try? JSONDecoder().decode(SettledOutcome.self, from: Data(bytes)), settled.batch == batch
    else { return nil }
    return settled.outcome
  }

  /// The receipt of an archived set; nil if it is not there. Blocks.
  public func receipt(of set: SetID) -> Receipt? {
    (try? root.fileSystem.openDirectory(path(.archive, of: set))).flatMap { ArchivedSet.receipt(in: $0) }
  }
}
