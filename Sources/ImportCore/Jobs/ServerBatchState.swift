/// The state of a batch in the words of the server's pages (PROTOCOL, "What became of a job").
public enum ServerBatchState: String, Codable, Sendable, CaseIterable {
  /// Made by hand, and not scheduled.
  case ready
  /// Files are still accepted.
  case uploading
  /// Its job waits for its turn.
  case scheduled
  /// Its job runs.
  case running
  /// Its job has imported the records.
  case complete
  /// Its job has checked the records.
  case dryRun = "dry-run"
  /// Its job ended in an exception.
  case error

  /// True for a batch whose job has ended.
  public var isFinished: Bool {
    switch self {
    case .complete, .dryRun, .error: true
    case .ready, .uploading, .scheduled, .running: false
    }
  }

  /// True for a batch whose job exists, or existed.
  public var isScheduled: Bool { self != .ready && self != .uploading }
}
