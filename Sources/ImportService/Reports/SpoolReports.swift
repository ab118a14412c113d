public import ImportCore
import ImportStorage
public import ImportSystem

/// What can be said of sets: from the journal and from the receipts of the archive. The daemon uses it as well as the
/// commands that run while it is down. It changes nothing, takes no lock, and blocks.
public struct SpoolReports: Sendable {
  /// Why nothing can be said.
  public enum Failure: Error, CustomStringConvertible {
    case journal(path: String, JournalDamage)
    case system(SystemError)
    /// The selection names something that is not there.
    case notFound(String)

    public var description: String {
      switch self {
      case .journal(let path, let damage): "journal \(path), \(damage). \(damage.remedy)"
      case .system(let error): error.description
      case .notFound(let text): text
      }
    }
  }

  let configuration: Configuration
  let fileSystem: FileSystem
  let now: Timestamp
  let journal: JournalView
  /// The obstacles of sets whose files cannot be moved; only the running daemon knows them.
  let obstacles: SetObstacles?

  var walk: ArchiveWalk { ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem) }

  /// Reports what the running daemon knows; times are shown as they are at `now`.
  init(
    _ configuration: Configuration, _ journal: Journal, fileSystem: FileSystem, now: Timestamp,
    obstacles: SetObstacles? = nil
  ) {
    self.obstacles = obstacles
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
    self.journal = JournalView(journal)
  }

  /// Reports what a journal says that was read from disk.
  public init(_ configuration: Configuration, _ state: JournalState, fileSystem: FileSystem, now: Timestamp) {
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
    obstacles = nil
    journal = JournalView(state)
  }

  /// Reads the journal of a configuration; the empty state if there is none yet.
  public static func state(_ configuration: Configuration, fileSystem: FileSystem) throws(Failure)
    -> JournalState
  {
    try reading {
      try JournalCopy(configuration.daemon.stateDirectory, fileSystem: fileSystem).reading?.state
        ?? JournalState()
    }
  }

  /// Describes a set that the journal knows.
  func report(_ delivery: Delivery) -> SetReport {
    var report = SetReport(
      delivery, mode: configuration.source(delivery.source)?.mode.rawValue, job: journal.job(delivery.set),
      unread: journal.unread(), stop: journal.stop(delivery.source),
      spool: configuration.daemon.spoolDirectory, now: now)
    if report.reason == nil,
      let waiting = WaitingReason(
        queued: delivery, journal, isConfigured: configuration.source(delivery.source) != nil)
    {
      (report.reason, report.remedy, report.next) = (waiting.text, waiting.remedy, waiting.next)
    }
    // An approval is refused then.
    if report.state == .awaitingApproval, isFolderGone(report) {
      report.reason = "the set's folder is gone"
      report.remedy =
        "drop the set again if it is still wanted, and run 'haplo-importd reject \(report.set) --reason TEXT'"
    }
    if let obstacle = obstacles?.obstacle(to: delivery.set) {
      report.reason = "the set \(obstacle.failure): \(obstacle.error)"
      report.remedy = "remove the cause; the daemon retries every 10 s"
    }
    return report
  }

  /// Describes a set of the archive; nil if it is not there, or has no receipt.
  func archived(_ place: ArchivedPlace) throws(SystemError) -> SetReport? {
    guard let folder = try walk.open(place), let receipt = ArchivedSet.receipt(in: folder) else { return nil }
    return SetReport(
      receipt, outcome: OutcomeFile.outcome(in: folder, of: receipt.batch), job: journal.job(place.set),
      unread: journal.unread(), spool: configuration.daemon.spoolDirectory)
  }
}
