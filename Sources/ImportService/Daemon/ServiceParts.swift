public import HaploAPI
import ImportCore
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
