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
