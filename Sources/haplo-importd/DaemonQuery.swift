import FoundationEssentials
import Glibc
import ImportCore
import ImportService
import ImportSystem

/// Asks the running daemon, or, when it is down, the disk.
struct DaemonQuery {
  let configuration: Configuration
  /// The same that the daemon would tell, from the disk.
  let reports: SpoolReports

  init(_ invocation: Invocation) throws(Failure) {
    configuration = try invocation.loadConfiguration()
    reports = SpoolReports(configuration, fileSystem: FileSystem(), now: SystemTime().now)
  }

  /// How many seconds the daemon may be silent. Each decision waits until the set's request to the server has ended, for
  /// which there are 15, one after another.
  private static let patience = 30

  /// The same for a request that decides about so many sets or sources.
  static func patience(decisions: Int) -> Int { patience + 15 * max(0, decisions - 1) }

  /// The daemon's answer; nil when it is down. A socket that one may not use is a failure: the daemon is there. `patience` is
  /// how many seconds it may be silent, if not as many as usual.
  func ask(_ request: ControlRequest, patience: Int? = nil) throws(Failure) -> ControlReply? {
    let patience = patience ?? Self.patience
    do {
      let reply = try ControlClient(runtimeDirectory: configuration.daemon.runtimeDirectory).ask(
        request, patience: patience)
      if case .failed(let text) = reply { throw Failure.report(text) }
      return reply
    } catch let failure as Failure {
      throw failure
    } catch let error as SystemError {
      if error.isMissing || error.errno == ECONNREFUSED { return nil }
      if error.errno == EAGAIN {
        throw .silence(
          error, seconds: patience, unit: ServiceUnit(configuration).name, mayBeDone: request.changesSomething
        )
      }
      throw error.isPermission ? .system(error) : .daemon(error)
    } catch {
      throw .bug("\(error)")
    }
  }

  /// Says where the answer comes from when nobody answers.
  func noteDaemonIsDown() { StandardError.writeLine("\(Program.name): \(Self.daemonIsDown)") }

  static let daemonIsDown = "the daemon is not running; this is what its journal says"

  /// Reads the disk, with failures of the one kind that commands have.
  func onDisk<Value>(_ body: (SpoolReports) throws(SpoolReports.Failure) -> Value) throws(Failure) -> Value {
    do {
      return try body(reports)
    } catch {
      switch error {
      case .system(let error): throw .system(error)
      case .journal: throw .report(error.description)
      }
    }
  }
}
