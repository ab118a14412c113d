import HaploAPI
import ImportRuntime
import ImportSystem

/// Makes the ways to the server that a configuration names, and counts what goes there.
struct ServerWays: Sendable {
  let parts: ServiceParts
  let tally = ServerTally()
  let outcomeTally = OutcomeTally()
  /// The state directory, which has the session of the jobs pages.
  let state: Directory
  let workers: WorkerPool

  /// The way for what couriers ask. Reads files that TLS needs.
  func transport(_ loaded: LoadedConfiguration) throws -> any Transport {
    tally.counting(try parts.transport(loaded))
  }

  /// The way to the jobs pages; nil where outcomes are not read.
  func outcomes(_ loaded: LoadedConfiguration) throws -> OutcomeAccess? {
    OutcomeAccess(loaded, try parts.pages(loaded), tally: outcomeTally, in: state, workers)
  }
}
