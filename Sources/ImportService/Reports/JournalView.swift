import ImportCore
import ImportStorage
import ImportSystem

/// What reports need of the journal: that of the running daemon in memory, or the file as it was read while none runs.
/// Nothing is copied but the sets that are asked for.
struct JournalView: Sendable {
  /// The sets that are not archived and for which the condition holds.
  let deliveries: @Sendable (_ isWanted: (Delivery) -> Bool) -> [Delivery]
  /// One set that is not archived.
  let delivery: @Sendable (SetID) -> Delivery?
  /// The job of a set whose outcome is not known yet; of several the last.
  let job: @Sendable (SetID) -> OpenOutcome?
  /// Why jobs are not read at present; nil while they are.
  let unread: @Sendable () -> String?
  /// Whether the server may be asked.
  let server: @Sendable () -> ServerBreaker
  /// The set that is scheduled before all others of its source.
  let first: @Sendable (SourceName) -> SetID?
  /// Why no sets of a source are scheduled at present, with the command that changes it; nil while they are.
  let stop: @Sendable (SourceName) -> String?
  /// What is known of a source's earlier sets.
  let history: @Sendable (SourceName) -> SourceHistory

  /// The journal of the running daemon.
  init(_ journal: Journal) {
    deliveries = { journal.deliveries(where: $0) }
    delivery = { journal.delivery($0) }
    job = { set in journal.job(of: set) }
    unread = { journal.outcomes.reading.stop?.text }
    server = { journal.server }
    first = { journal.head(of: $0, .arrival) }
    stop = { Self.stop(of: $0, journal.outdated, journal.control(of: $0)) }
    history = { journal.history(of: $0) }
  }

  /// The journal as it was read from disk.
  init(_ state: JournalState) {
    deliveries = { isWanted in state.deliveries.values.filter(isWanted) }
    delivery = { state.deliveries[$0] }
    job = { state.outcomes.job(of: $0) }
    unread = { state.outcomes.reading.stop?.text }
    server = { state.server }
    first = { state.queues[$0]?.sets.first }
    stop = { Self.stop(of: $0, state.outdated, state.controls[$0]) }
    history = { state.histories[$0] ?? SourceHistory() }
  }

  private static func stop(of source: SourceName, _ outdated: OutdatedJournal?, _ control: SourceControl?)
    -> String?
  {
    if let outdated { return "\(outdated.text). Run 'haplo-importd status' for what to do" }
    return control?.reason.map { "the source is \($0). Run 'haplo-importd resume \(source)'" }
  }
}

extension OutcomeReading.Stop {
  /// The reason of an outcome that stays pending for this.
  fileprivate var text: String {
    "outcomes are not read at present: \(refusal.text); see 'haplo-importd status'"
  }
}

/// The journal's file as it is at one moment, read beside a daemon that may be writing to it.
struct JournalCopy {
  /// The most bytes that are read: more than any journal of this program has.
  private static let largest = 1 << 31

  let path: String
  /// Nil if there is no journal yet.
  let reading: JournalReading?

  /// Reads the whole file.
  ///
  /// - Throws: ``SystemError`` if it cannot be read, ``SpoolReports/Failure`` if it is damaged.
  init(_ stateDirectory: String, fileSystem: FileSystem, keepsRecords: Bool = false) throws {
    path = "\(stateDirectory)/\(JournalFile.name)"
    let bytes: [UInt8]
    do {
      bytes = try fileSystem.openDirectory(stateDirectory).readFile(JournalFile.name, atMost: Self.largest)
    } catch {
      guard error.isMissing else { throw error }
      reading = nil
      return
    }
    do {
      reading = try JournalReading(bytes, keepsRecords: keepsRecords)
    } catch {
      throw SpoolReports.Failure.journal(path: path, error)
    }
  }
}
