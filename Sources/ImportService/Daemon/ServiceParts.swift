public import HaploAPI
public import ImportCore
public import ImportRuntime
public import ImportSystem

/// The parts of the service: the three seams at which tests put something of their own, and where its
/// configuration and its log are.
public struct ServiceParts: Sendable {
  /// Reads the configuration and the key, at start and again on reload. What it throws is logged by its description.
  public var load: @Sendable () throws -> LoadedConfiguration
  /// Makes the way to the server that a configuration names.
  public var transport: @Sendable (LoadedConfiguration) throws -> any Transport
  /// Makes the way to the jobs pages that a configuration names; nil without an outcome key.
  public var pages: @Sendable (LoadedConfiguration) throws -> (any PageTransport)?
  /// The door to the disk.
  public var fileSystem: FileSystem
  /// The clocks.
  public var time: any Time
  /// The destination of log lines.
  public var log: any Log

  /// Takes the parts; by default those of the real world.
  public init(
    load: @escaping @Sendable () throws -> LoadedConfiguration,
    transport: @escaping @Sendable (LoadedConfiguration) throws -> any Transport = { try $0.makeTransport() },
    pages: @escaping @Sendable (LoadedConfiguration) throws -> (any PageTransport)? = { try $0.makePages() },
    fileSystem: FileSystem = FileSystem(), time: any Time = SystemTime(), log: any Log
  ) {
    self.load = load
    self.transport = transport
    self.pages = pages
    self.fileSystem = fileSystem
    self.time = time
    self.log = log
  }
}

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

/// The state in which a service ended.
public struct ServiceSummary: Sendable, Hashable {
  /// Sets rejected since the start.
  public var rejected: Int
  /// Sets that wait for another attempt, or for one that does.
  public var deferred: Int
  /// Why the server is left alone, if it is.
  public var stop: ServerStop?
  /// True if nothing new could be accepted: for want of room, because the spool cannot be written to, or because the journal
  /// is older than the archive.
  public var isBlocked: Bool
  /// Sets on whose own files work keeps failing.
  public var obstructed: Int
  /// True if the cause of one is a failing disk.
  public var hasFailedDisk: Bool
  /// True if a limit of this process kept it from reading something.
  public var hasMetLimit: Bool
}
