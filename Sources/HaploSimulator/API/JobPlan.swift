/// Says what is to become of a job, and how long that takes.
public struct JobPlan: Sendable, Equatable {
  public enum Result: Sendable, Equatable {
    /// The job ends as `complete` or `dry-run` with so many records that have an error.
    case finished(errors: Int)
    /// An exception ends the job as `error`.
    case exception
    /// The batch stays `scheduled` for ever, as after a server that lost the job. Later jobs run.
    case stuck
    /// The batch stays `running` for ever, as after a server that was killed meanwhile. Later jobs run.
    case killed
    /// The batch stays `running`, and no later job runs until the server is restarted.
    case deadWorker
  }

  public var result: Result
  /// nil: as long as the simulator's options say.
  public var duration: Duration?
  /// Restricts the plan to a batch whose comment contains this text.
  public var comment: String?
  /// Restricts the plan to the batch with this database number.
  public var batch: Int?

  public init(_ result: Result, duration: Duration? = nil, comment: String? = nil, batch: Int? = nil) {
    self.result = result
    self.duration = duration
    self.comment = comment
    self.batch = batch
  }

  /// Tells whether a batch is meant.
  func means(number: Int, comment: String?) -> Bool {
    if let batch, batch != number { return false }
    guard let wanted = self.comment else { return true }
    return comment?.contains(wanted) ?? false
  }
}

/// Names the two pages on which the server shows what became of a batch, as faults and counts write them.
public enum OutcomePage: String, Sendable, CaseIterable {
  /// `/do/haplo-data-import-batch/batches`: all batches, newest first.
  case list = "list-page"
  /// `/do/haplo-data-import-batch/batch/ID`: one batch, with its log.
  case batch = "batch-page"

  static let folder = "/do/haplo-data-import-batch/"
  /// The path to which a key for the pages is bound. Both pages begin with it.
  static let keyPath = folder + "batch"

  /// The page of a path; nil for every other path.
  init?(path: String) {
    switch path {
    case Self.folder + "batches": self = .list
    case Self.folder + "batch": self = .batch
    default:
      guard path.hasPrefix(Self.folder + "batch/") else { return nil }
      self = .batch
    }
  }

  /// The path of a batch's own page.
  static func path(ofBatch number: Int) -> String { "\(folder)batch/\(number)" }

  /// The database number in the path of a batch's own page; nil if the path has none.
  static func batchNumber(in path: String) -> Int? {
    let text = path.dropFirst((folder + "batch/").count)
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
