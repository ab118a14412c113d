import ImportCore
import ImportSystem

/// What stands before the first set is looked at: directories that are there and are ours alone.
struct ServiceCore: Sendable {
  let spool: Spool
  let state: Directory
  let locks: ServiceLocks

  /// Makes directories that are missing, and takes all of them for this process.
  init(_ configuration: Configuration, _ fileSystem: FileSystem) throws(ServiceFailure) {
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
