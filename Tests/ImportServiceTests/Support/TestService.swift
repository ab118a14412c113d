@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
@testable import ImportStorage
import ImportSystem
import Synchronization

/// Lets requests out only while the machine is alive.
private struct MortalTransport: Transport {
  let disk: Disk
  let client: any Transport

  func perform(_ request: ServerRequest) async -> Exchange {
    if disk.isDead { return .failed("the machine is dead", sent: .nothing) }
    return await client.perform(request)
  }
}

/// Runs the whole service in this process on the directories of a ``Place``, as often as a test wants.
struct TestService: Sendable {
  let place: Place
  var url: String
  var time: any Time = FastTime()
  var log = Lines()
  var key = TestService.key
  /// More lines for `[Server]`, `[Daemon]`, and each of the sources by name.
  var server = ""
  var daemon = "MinFreeSpace=0"
  var sources = ["hr": ""]
  /// The quiet time of all sources; nil for none, or the default where it is tested and passes by itself.
  var quiet: String?
  /// Where the journal is, and the control socket, if not in the place.
  var state: String?
  var runtime: String?

  static let key = "breaking-key-0123456789-abcdefghijklmnopqrst"
  /// The key of `OutcomeKeyFile=`, which a test adds to the lines for `[Server]`.
  static let outcomeKey = "outcome-key-0123456789-abcdefghijklmnopqrst"

  init(_ place: Place, _ simulator: Simulator) {
    self.place = place
    url = simulator.url
  }

  init(_ place: Place, url: String) {
    self.place = place
    self.url = url
  }

  var configuration: String {
    """
    [Server]
    URL=\(url)
    APIKeyFile=\(place.root)/api-key
    \(server)
    [Daemon]
    SpoolDirectory=\(place.spool)
    StateDirectory=\(state ?? place.state)
    RuntimeDirectory=\(runtime ?? place.root + "/run")
    \(daemon)

    """
      + sources.sorted { $0.key < $1.key }.map {
        "[Source \($0)]\nQuietSec=\(quietTime)\nRescanSec=10min\n\($1)\n"
      }
      .joined()
  }

  private var quietTime: String { quiet ?? (QuietTime.isDefault && time is FastTime ? "5s" : "0") }

  func load() throws -> LoadedConfiguration {
    let file = ConfigurationFile(path: "haplo-importd.conf", text: configuration)
    let configuration = try Configuration.parse([file], environment: ConfigurationEnvironment())
    return LoadedConfiguration(
      configuration: configuration, key: try APIKey(key),
      outcomeKey: configuration.server.outcomeKeyFile == nil ? nil : try APIKey(Self.outcomeKey))
  }

  func parts(_ disk: Disk = Disk()) -> ServiceParts {
    ServiceParts(
      load: { try load() },
      transport: { MortalTransport(disk: disk, client: try $0.makeTransport()) },
      fileSystem: disk.fileSystem, time: time, log: log)
  }

  /// Works until nothing more can be done now, or the disk dies.
  @discardableResult
  func once(_ disk: Disk = Disk()) async throws -> ServiceSummary {
    try await run(.once, disk)
  }

  /// What it says when it cannot even begin, or cannot go on; nothing if it ends as it should.
  func complaint() async -> String {
    do {
      _ = try await runOnce(.once, Disk())
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// Runs it to its end. A program that another test starts just now has a copy of the locks of the service before, until it
  /// closes them on exec: that is waited for.
  func run(_ purpose: Service.Purpose, _ disk: Disk) async throws -> ServiceSummary {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do { return try await runOnce(purpose, disk) } catch let failure as ServiceFailure {
        guard failure.isBusy, ContinuousClock.now < deadline else { throw failure }
        await Task.yield()
      }
    }
  }

  /// Has a command do something while no service runs, with the way to the jobs pages if it is to have that. A service that
  /// has just ended may still be letting go of its locks on another thread: that is waited for.
  func perform(_ request: ControlRequest, by person: String = "ada", withPages: Bool = false) async throws
    -> OfflineDecisions.Outcome?
  {
    let loaded = try load()
    let decisions = OfflineDecisions(
      loaded.configuration, log: log, outcomeKey: withPages ? loaded.outcomeKey : nil)
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do { return try await decisions.perform(request, by: person) } catch let failure as ServiceFailure {
        guard failure.isBusy, ContinuousClock.now < deadline else { throw failure }
        await Task.yield()
      }
    }
  }

  private func runOnce(_ purpose: Service.Purpose, _ disk: Disk) async throws -> ServiceSummary {
    let task = Task { try await Service(parts(disk), purpose: purpose, signals: nil).run() }
    disk.whenDead { task.cancel() }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Works as `once` again and again, with time passing in between, until no set waits.
  func onceUntilSettled() async throws {
    for _ in 0..<12 {
      if try await once().deferred == 0 { return }
      (time as? FastTime)?.skip(.seconds(660))
    }
    throw Unsettled(log: log.text)
  }

  struct Unsettled: Error { var log: String }
}

extension ServiceFailure {
  /// True if another service has one of the directories.
  var isBusy: Bool {
    switch self {
    case .busy, .inUse: true
    default: false
    }
  }
}
