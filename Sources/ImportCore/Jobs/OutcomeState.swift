/// The outcome of a set's job on the server, as users see it (`list`, `show`, `outcome.json`).
public enum OutcomeState: String, Codable, Sendable, CaseIterable {
  /// The job is scheduled or running, or was not found yet.
  case pending
  /// All records were imported without an error.
  case imported
  /// The job ended; some records have errors, and values or records are missing.
  case importedWithErrors = "imported-with-errors"
  /// The dry run ended without an error. It says nothing about how many records there were.
  case checked
  /// The dry run ended with errors.
  case checkedWithErrors = "checked-with-errors"
  /// The job ended in an exception; records before it may have been imported.
  case failed
  /// The job will never run or never end: a job that was created later has finished.
  case stuck
  /// The server's pages did not tell.
  case unknown

  /// True for an outcome that a person has to see to.
  public var needsAction: Bool {
    switch self {
    case .failed, .stuck, .importedWithErrors: true
    case .pending, .imported, .checked, .checkedWithErrors, .unknown: false
    }
  }

  /// True for a job that did not do what it was scheduled for.
  public var isFailure: Bool { self == .failed || self == .stuck }
}

/// The outcome of a job by the server's pages, with its details. It never holds text of the job's log, which can quote personal data.
public struct JobOutcome: Hashable, Codable, Sendable {
  /// The outcome itself.
  public var state: OutcomeState
  /// Number of errors that the server counted: exact for `imported…` and `checked…`, nil for all others, for the server shows 0
  /// for a failed job whatever happened.
  public var errors: Int64?
  /// When the page was read that said so; nil while the job is pending.
  public var seen: Timestamp?
  /// For `unknown`: what was unexpected. For `stuck`: what proves it.
  public var reason: String?

  public init(_ state: OutcomeState, errors: Int64? = nil, seen: Timestamp? = nil, reason: String? = nil) {
    self.state = state
    self.errors = errors
    self.seen = seen
    self.reason = reason
  }

  /// In words: `imported`, `imported-with-errors (12)`.
  public var text: String {
    guard let errors, errors > 0 else { return state.rawValue }
    return "\(state.rawValue) (\(errors))"
  }
}

/// The state of a batch in the words of the server's pages (docs/server.md, "Jobs and their pages").
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
