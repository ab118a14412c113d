import ImportCore
import ImportSystem

/// A directory that is held for this process as long as this object lives.
final class HeldDirectory: Sendable {
  private let lock: DirectoryLock

  private init(_ lock: consuming DirectoryLock) { self.lock = lock }

  /// Holds a directory; nil if it is not there. Throws whose it is if another process has it.
  static func hold(_ path: String) throws(ServiceFailure) -> HeldDirectory? {
    do {
      switch try DirectoryLock.take(path) {
      case .taken(let lock): return HeldDirectory(lock)
      case .busy(let process): throw ServiceFailure.busy(path: path, process: process)
      }
    } catch let failure as ServiceFailure {
      throw failure
    } catch let error as SystemError {
      if error.isMissing { return nil }
      throw .cannotCreate(error)
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }
}

/// Keeps a second daemon away from the directories that this one works on: the state directory, the spool, and every
/// drop directory that is there.
final class ServiceLocks: Sendable {
  private let held: [HeldDirectory]

  /// Takes all locks, or throws what another process has.
  init(_ configuration: Configuration) throws(ServiceFailure) {
    let daemon = configuration.daemon
    var held: [HeldDirectory] = []
    for path in [daemon.stateDirectory, daemon.spoolDirectory] + configuration.sources.map(\.directory) {
      if let directory = try HeldDirectory.hold(path) { held.append(directory) }
    }
    self.held = held
  }
}
