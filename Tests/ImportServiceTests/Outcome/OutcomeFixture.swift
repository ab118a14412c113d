@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Synchronization

@testable import ImportService

/// The clock of a server, by which its jobs run.
final class ServerClock: Sendable {
  private let value = Mutex(Duration.seconds(1000))
  var now: Duration { value.withLock { $0 } }
  func advance(_ time: Duration) { value.withLock { $0 += time } }
}

/// The bench of the tests of outcomes: a server whose jobs end at once, and a service that reads its jobs pages.
extension TestService {
  /// A server with the jobs pages, and a service with the key for them and one source.
  static func readingOutcomes(_ place: Place, mode: String = "import") throws -> (Simulator, TestService) {
    var options = SimulatorOptions(apiKey: key)
    options.outcomeKeys = [outcomeKey]
    options.jobTime = .milliseconds(1)
    let simulator = try Simulator(options)
    var service = TestService(place, simulator)
    service.server = "OutcomeKeyFile=\(place.root)/outcome-key"
    service.sources = ["hr": "Mode=\(mode)"]
    return (simulator, service)
  }

  /// The same with clocks that a test moves: the server's, by which its jobs run for `jobTime`, and the service's.
  static func readingOutcomes(_ place: Place, _ clock: ServerClock, _ time: ManualTime, jobTime: Duration)
    throws -> (Simulator, TestService)
  {
    var options = SimulatorOptions(apiKey: key)
    options.outcomeKeys = [outcomeKey]
    options.jobTime = jobTime
    options.clock = { clock.now }
    let simulator = try Simulator(options)
    var service = TestService(place, simulator)
    service.server = "OutcomeKeyFile=\(place.root)/outcome-key"
    service.sources = ["hr": "Mode=import"]
    service.time = time
    return (simulator, service)
  }

  /// Delivers a set, of whose job nothing is read, and lets a second pass.
  func deliverUnread(_ name: String, on simulator: Simulator) async throws {
    try simulator.add("pages:503")
    SampleSet(name: name).drop(in: place)
    try await once()
    simulator.clearFaults()
    (time as? ManualTime)?.advance(by: .seconds(1))
  }

  /// Drops a set, delivers it, and waits for the end of its job.
  func deliver(_ name: String, source: String = "hr", on simulator: Simulator) async throws {
    SampleSet(name: name, source: source).drop(in: place)
    try await once()
    await simulator.settleJobs()
  }

  /// A service of which nothing runs, with the journal of the place.
  func live() async throws -> (LiveService, Journal) {
    let parts = parts()
    let loaded = try load()
    let core = try ServiceCore(loaded.configuration, parts.fileSystem)
    let journal = try Journal(in: core.state, time: parts.time, log: parts.log)
    return (try await LiveService(parts, loaded, core, journal), journal)
  }

  /// A job that was scheduled just now.
  var openJob: OpenOutcome {
    OpenOutcome(
      set: SetID("20261124T070513Z-hr-7f3k2m9q")!,
      batch: BatchID("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH")!,
      server: url, mode: .import, scheduled: time.now)
  }

  /// The sets as `list` has them while no daemon runs.
  func reports() throws -> [SetReport] {
    try SpoolReports(
      load().configuration, place.reading().state, fileSystem: Disk().fileSystem, now: time.now
    ).list(SetSelection()).sets
  }

  /// The report that `status` makes of the journal.
  func status() throws -> StatusReport {
    StatusReport(
      try load().configuration, try place.reading().state,
      daemon: .init(state: "running", version: "", process: nil, since: nil, isDiskFull: false), now: time.now
    )
  }
}

extension Simulator {
  /// Waits until no job runs that will end.
  func settleJobs() async {
    _ = await wait(atMost: .seconds(2)) { record in
      record.batches.allSatisfy { $0.job == nil || $0.errors != nil }
    }
  }

  /// Requests for both jobs pages.
  var pageRequests: Int { record.requests(ofPage: .list) + record.requests(ofPage: .batch) }
}
