public import ImportCore
public import ImportSystem

/// What stands before the first set is looked at: directories that are there and are ours alone.
public struct ServiceCore: Sendable {
  public let spool: Spool
  public let state: Directory
  public let locks: ServiceLocks

  /// Makes directories that are missing, and takes all of them for this process.
  public init(_ configuration: Configuration, _ fileSystem: FileSystem) throws(ServiceFailure) {
    do {
      state = try fileSystem.openOrMakeDirectory(
        configuration.daemon.stateDirectory, mode: 0o750, for: "state")
      spool = try Spool(path: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
    } catch {
      throw .cannotCreate(error)
    }
    locks = try ServiceLocks(state: state, spool: spool.root)
  }
}
