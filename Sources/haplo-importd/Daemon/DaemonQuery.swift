import FoundationEssentials
import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// Asks the running daemon or, when it is down, the disk. A mistake in the configuration on disk keeps nobody from the
/// running daemon: its socket is found by what can be read of the files.
struct DaemonQuery {
  private let loaded: Result<Configuration, Failure>
  private let runtimeDirectory: String
  /// What systemd calls the daemon.
  let unit: String
  /// The subcommand and its operands, for messages.
  private let command: String

  /// The configuration on disk; throws what is wrong with it.
  var configuration: Configuration { get throws(Failure) { try loaded.get() } }

  /// What is wrong with the configuration on disk; nil if nothing is.
  var configurationFailure: Failure? { if case .failure(let failure) = loaded { failure } else { nil } }

  /// The same, or what is wrong with the files for TLS that it names, as far as this user can find out: with either, the daemon
  /// refuses to reload and to start. Blocks on the disk.
  var obstacleToStart: Failure? {
    guard case .success(let configuration) = loaded else { return configurationFailure }
    let errors = DaemonAccess.findings(configuration).filter { $0.severity == .error }
    return errors.isEmpty ? nil : .configuration(.invalid(ConfigurationErrors(findings: errors)))
  }

  init(_ invocation: Invocation) throws(Failure) {
    command = invocation.command
    do throws(Failure) {
      let configuration = try invocation.loadConfiguration()
      loaded = .success(configuration)
      runtimeDirectory = configuration.daemon.runtimeDirectory
      unit = ServiceUnit(configuration.daemon).name
    } catch {
      let path = invocation.configurationPath
      let daemon = ConfigurationLoader().readableDaemonSettings(
        path: path, environment: invocation.environment)
      // Without a runtime directory of its own, a configuration elsewhere would lead to another one's daemon.
      let isInstalled = path == ConfigurationLoader.defaultPath
      guard isInstalled || daemon.runtimeDirectory != DaemonSettings().runtimeDirectory else { throw error }
      loaded = .failure(error)
      runtimeDirectory = daemon.runtimeDirectory
      unit = ServiceUnit(daemon).name
    }
  }

  /// How many seconds the daemon may take. Each decision waits until the set's request to the server has ended, for which
  /// there are 15, one after another.
  private static let patience = 30

  /// The same for a request that decides about several sets or sources.
  static func patience(for request: ControlRequest) -> Int {
    let count =
      switch request {
      case .decide(_, let sets): sets.count
      case .pause(let sources), .resume(let sources): sources.count
      // A list of 20,000 batches takes seconds, and each batch that is found another request.
      case .compareWithServer: 40
      case .status, .list, .show, .last, .explain, .reconcile: 1
      }
    return patience + 15 * max(0, count - 1)
  }

  /// The daemon's answer; nil when it is down.
  ///
  /// - Parameters:
  ///   - patience: How many seconds the daemon may take, if not as many as usual.
  ///   - isQuiet: True if nothing is to be printed about a daemon that takes its time.
  /// - Throws: ``Failure/refused(_:)`` if the socket is not open to this user: the daemon is there.
  func ask(_ request: ControlRequest, patience: Int? = nil, isQuiet: Bool = false) throws(Failure)
    -> ControlReply?
  {
    let patience = patience ?? Self.patience
    let reply: ControlReply
    do throws(SystemError) {
      reply = try ControlClient(runtimeDirectory: runtimeDirectory).ask(request, patience: patience) {
        guard !isQuiet, StandardError.isTerminal else { return }
        StandardError.writeLine("\(Program.name): waiting for the daemon's answer, for up to \(patience) s")
      }
    } catch {
      if error.isMissing || error.errno == ECONNREFUSED { return nil }
      if error.errno == EAGAIN {
        throw .silence(error, seconds: patience, unit: unit, mayBeDone: request.changesSomething)
      }
      throw error.isPermission ? .refused(error) : .daemon(error)
    }
    switch reply {
    case .failed(let text): throw .report(text)
    case .notFound(let text): throw .notFound(text)
    default: return reply
    }
  }

  /// Says where the answer comes from when nobody answers.
  func noteDaemonIsDown() { StandardError.writeLine("\(Program.name): \(Self.daemonIsDown)") }

  static let daemonIsDown = "the daemon is not running; this is what its journal says"

  /// The reports of the disk, as the journal is now.
  func reports() throws(Failure) -> SpoolReports {
    let configuration = try configuration
    let state = try onDisk { () throws(SpoolReports.Failure) in
      try SpoolReports.state(configuration, fileSystem: FileSystem())
    }
    return SpoolReports(configuration, state, fileSystem: FileSystem(), now: SystemTime().now)
  }

  /// Reads the disk, with failures of the one kind that commands have.
  func onDisk<Value>(_ body: () throws(SpoolReports.Failure) -> Value) throws(Failure) -> Value {
    do {
      return try body()
    } catch {
      switch error {
      case .system(let error): throw error.isPermission ? .forbidden(error, command: command) : .system(error)
      case .journal: throw .report(error.description)
      case .notFound(let text): throw .notFound(text)
      }
    }
  }
}
