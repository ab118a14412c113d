extension SimulatorRecord.Batch {
  /// Names the states of a batch as the server's pages show them.
  public enum State: String, Sendable {
    case uploading
    /// Made by hand on the server's own pages.
    case ready
    case scheduled
    case running
    /// A finished import, with or without errors.
    case complete
    /// A finished dry run, with or without errors.
    case dryRun = "dry-run"
    /// A job that an exception ended. The pages show 0 errors for it.
    case error

    var isFinished: Bool { self == .complete || self == .dryRun || self == .error }
  }
}
