public import ImportCore
import ImportSystem

/// Decides while no daemon runs: takes the state directory's lock, so that none can start meanwhile, and records in the
/// journal what the next start then acts on.
public struct OfflineDecisions: Sendable {
  private let configuration: Configuration
  private let log: any Log

  /// Takes the configuration that says where state and spool are.
  public init(_ configuration: Configuration, log: any Log) {
    self.configuration = configuration
    self.log = log
  }

  /// Carries out a request that changes something; nil for one that does not. Throws ``ServiceFailure`` when state or
  /// spool cannot be had, or are in use.
  public func perform(_ request: ControlRequest, by person: String) async throws -> [DecisionResult]? {
    let fileSystem = FileSystem()
    let time = SystemTime()
    let core = try ServiceCore(configuration, fileSystem)
    let journal: Journal
    do throws(JournalFailure) {
      journal = try Journal(in: core.state, time: time, log: log)
    } catch {
      throw ServiceFailure.journal(error)
    }
    defer { withExtendedLifetime(core) {} }
    switch request {
    case .decide(let decision, let sets):
      let decisions = Decisions(
        journal: journal, spool: core.spool, workers: try WorkerPool(name: "haplo-worker", threads: 1),
        reports: SpoolReports(configuration, fileSystem: fileSystem, now: time.now), time: time
      ) { event, set in
        try await journal.record(event, for: set)
        try await releaseHalt(of: set, journal)
      }
      return try await decisions.decide(decision, about: sets, by: person)
    case .pause(let sources): return try await controls(journal).pause(sources, by: person)
    case .resume(let sources): return try await controls(journal).resume(sources)
    case .status, .list, .show, .explain: return nil
    }
  }

  /// A source that was halted by this set goes on once somebody has decided about it.
  private func releaseHalt(of set: SetID, _ journal: Journal) async throws {
    var control = journal.control(of: set.source)
    guard control.haltedBy == set else { return }
    control.haltedBy = nil
    try await journal.record(control, for: set.source)
    log.write(LogEvent(.sourceResumed, "source resumed").with("source", set.source).with("set", set))
  }

  private func controls(_ journal: Journal) -> SourceControls {
    SourceControls(journal: journal, configuration: configuration, log: log) { control, source in
      try await journal.record(control, for: source)
    }
  }
}
