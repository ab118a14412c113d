import HaploAPI
public import ImportCore
public import ImportRuntime
import ImportStorage
public import ImportSystem

/// Decides while no daemon runs: takes the state directory's lock, so that none can start meanwhile, records the decision in
/// the journal, and moves or deletes folders as it says. What needs the server is left for the next start.
public struct OfflineDecisions: Sendable {
  /// The result of a request.
  public struct Outcome: Sendable {
    /// For each set or source that it names.
    public var results: [DecisionResult]
    /// True if the journal has a new record.
    public var hasRecorded: Bool
    /// True if the next start has something to do for it.
    public var hasLeftWork: Bool
    /// Sets whose folder cannot be moved or deleted now, and why.
    public var unfinished: [(set: SetID, error: SystemError)]
  }

  private let configuration: Configuration
  private let log: any Log
  private let outcomeKey: APIKey?
  private let fileSystem: FileSystem
  private let time: any Time

  /// Takes the configuration that says where state and spool are, and for a comparison with the server the key for its pages.
  public init(
    _ configuration: Configuration, log: any Log, outcomeKey: APIKey? = nil,
    fileSystem: FileSystem = FileSystem(), time: any Time = SystemTime()
  ) {
    self.fileSystem = fileSystem
    self.time = time
    self.configuration = configuration
    self.log = log
    self.outcomeKey = outcomeKey
  }

  /// Carries out a request that changes something; nil for one that does not. Throws ``ServiceFailure`` when state or
  /// spool cannot be had, or are in use.
  public func perform(_ request: ControlRequest, by person: String) async throws -> Outcome? {
    let core = try ServiceCore(configuration, fileSystem)
    let journal: Journal
    do throws(JournalFailure) {
      journal = try Journal(in: core.state, with: core.spool, time: time, log: log)
    } catch {
      throw ServiceFailure.journal(error)
    }
    defer { withExtendedLifetime(core) {} }
    let workers = try WorkerPool(name: "haplo-worker", threads: 1)
    let couriers = OfflineCouriers(configuration, core, journal, workers: workers, time: time, log: log)
    let record: @Sendable (DeliveryEvent, SetID) async throws -> Void = { event, set in
      try await journal.record(event, for: set)
      try await releaseHalt(of: set, journal)
      try await couriers.settle(set)
    }
    if case .decide = request { try await couriers.settleAll() }
    let before = journal.current.sequence
    var actsAtStart = false
    let results: [DecisionResult]
    switch request {
    case .decide(let decision, let sets):
      let decisions = Decisions(
        journal: journal, spool: core.spool, workers: workers,
        reports: SpoolReports(configuration, journal, fileSystem: fileSystem, now: time.now), time: time,
        isRunning: false, record: record)
      results = try await decisions.decide(decision, about: sets, by: person)
    case .pause(let sources), .resume(let sources):
      actsAtStart = true
      let controls = SourceControls(journal: journal, configuration: configuration, log: log) {
        control, source in try await journal.record(control, for: source)
      }
      if case .pause = request {
        results = try await controls.pause(sources, by: person)
      } else {
        results = try await controls.resume(sources, by: person)
      }
    case .reconcile:
      actsAtStart = true
      results = try await Reconciliation(journal: journal, log: log) { person in
        try await journal.recordReconciliation(by: person)
      }.assumeNew(by: person)
    case .compareWithServer(let dryRun):
      actsAtStart = true
      results = try await ServerReconciliation(
        journal: journal, configuration: configuration, log: log, pages: try pages(in: core.state),
        isDaemonDown: true, record: record, follow: { try await journal.record(.outcomeOpened($0)) },
        resume: { try await journal.recordReconciliation(by: $0) }, time: time
      ).run(dryRun: dryRun, by: person)
    case .status, .list, .show, .last, .explain: return nil
    }
    try await journal.close()
    let hasLeftWork = await couriers.hasLeftWork
    return Outcome(
      results: results, hasRecorded: journal.current.sequence > before,
      hasLeftWork: actsAtStart || hasLeftWork,
      unfinished: await couriers.unfinished.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private func pages(in state: Directory) throws -> JobPages? {
    guard let outcomeKey else { return nil }
    let file = SessionFile(state: state, server: configuration.server.url, key: outcomeKey.fingerprint)
    return JobPages(
      try configuration.makePages(outcomeKey), in: file, try WorkerPool(name: "haplo-worker", threads: 1))
  }

  /// A source that was halted by this set goes on once somebody has decided about it.
  private func releaseHalt(of set: SetID, _ journal: Journal) async throws {
    var control = journal.control(of: set.source)
    guard control.haltedBy == set else { return }
    (control.haltedBy, control.haltedForJob) = (nil, nil)
    try await journal.record(control, for: set.source)
    log.write(LogEvent(.sourceResumed, "source resumed").with("source", set.source).with("set", set))
  }
}
