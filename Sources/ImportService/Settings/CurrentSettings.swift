public import HaploAPI
public import ImportCore
import ImportRuntime
public import ImportStorage
import Synchronization

/// The configuration in force and the server that goes with it, replaced as a whole when it is read again. Whoever
/// works asks anew at each step.
///
/// Domain: `state` is guarded by its mutex.
final class CurrentSettings: Sendable {
  private struct State {
    var configuration: Configuration
    var server: Server?
    var keyOrigin: CredentialOrigin?
    var outcomes: OutcomeAccess?
  }

  private let state: Mutex<State>
  /// Signalled when another configuration is put in force, before anybody can see it: what was read after a version is of that
  /// version for as long as there is no other.
  let changes = Latch()

  init(_ configuration: Configuration) { state = Mutex(State(configuration: configuration)) }

  /// The whole configuration.
  var configuration: Configuration { state.withLock { $0.configuration } }

  /// The server in use; nil only before the first was made.
  var server: Server? { state.withLock { $0.server } }

  /// The way to the jobs pages; nil where outcomes are not read.
  var outcomes: OutcomeAccess? { state.withLock { $0.outcomes } }

  /// What is configured for a source; nil if it is not there any more.
  func source(_ name: SourceName) -> SourceSettings? {
    state.withLock { $0.configuration.sources.first { $0.name == name } }
  }

  /// After how long a set of a source that alone keeps failing is held (`HoldAfterSec=`).
  func holdAfter(of name: SourceName) -> Duration { source(name)?.holdAfter ?? .seconds(Int64.max / 2) }

  /// Puts another configuration in force.
  func replace(
    _ configuration: Configuration, server: Server, keyOrigin: CredentialOrigin? = nil,
    outcomes: OutcomeAccess? = nil
  ) {
    state.withLock { state in
      state = State(configuration: configuration, server: server, keyOrigin: keyOrigin, outcomes: outcomes)
      changes.signal()
    }
  }

  /// What to do to put a new key in force, with the file that is really read.
  var keyRemedy: String {
    let (configuration, origin) = state.withLock { ($0.configuration, $0.keyOrigin) }
    let file = configuration.server.apiKeyFile ?? "the file that APIKeyFile= names"
    return origin?.remedy
      ?? "write a valid key to \(file), then run 'systemctl reload \(ServiceUnit(configuration).name)'"
  }

  /// Waits until a source is configured (again).
  func waitForSource(_ name: SourceName) async throws {
    while true {
      let seen = changes.version
      try Task.checkCancellation()
      if source(name) != nil { return }
      await changes.wait(after: seen)
    }
  }

  /// How long a request may show no movement before something must be wrong with this program: longer than all its own
  /// time limits.
  var longestSilence: Duration {
    let server = configuration.server
    return server.connectTimeout + server.stallTimeout + server.replyTimeout + .seconds(60)
  }
}

extension Journal: BreakerStore {
  public var breaker: ServerBreaker { server }
}

/// Names, where the server refuses the key, the file to which a new one is to be written: the core that says what an
/// answer means does not know the files of this machine.
struct KeyRemedyLog: Log {
  let log: any Log
  /// The settings hold the server, whose gate holds this log: a strong reference would keep a service that has ended.
  weak let settings: CurrentSettings?

  func includes(_ event: LogEvent) -> Bool { log.includes(event) }

  func write(_ event: LogEvent) {
    var event = event
    if event.kind == .serverRefused, event["cause"] == ServerStop.keyRefused.rawValue,
      let settings
    {
      event.pairs.removeAll { $0.name == "remedy" }
      event = event.with("remedy", settings.keyRemedy)
    }
    log.write(event)
  }
}
