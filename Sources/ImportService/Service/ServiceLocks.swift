import ImportCore
import ImportSystem
import Synchronization

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
/// drop directory, which is made if it is missing and can be.
///
/// Domain: `held` is guarded by its mutex.
final class ServiceLocks: Sendable {
  private let fileSystem: FileSystem
  private let held = Mutex<[String: HeldDirectory]>([:])

  /// Takes all locks, or throws what another process has.
  init(_ configuration: Configuration, _ fileSystem: FileSystem) throws(ServiceFailure) {
    self.fileSystem = fileSystem
    try hold(configuration.daemon.stateDirectory)
    try hold(configuration.daemon.spoolDirectory)
    try follow(configuration)
  }

  /// Takes the drop directories that are new; throws what another process has. Those that are not configured any more
  /// are kept to the end, for their intake may still be at work.
  func follow(_ configuration: Configuration) throws(ServiceFailure) {
    for source in configuration.sources {
      // Where it cannot be made, the intake says so.
      _ = try? fileSystem.openOrMakeDirectory(source.directory, mode: 0o2770, for: "intake")
      try hold(source.directory)
    }
  }

  private func hold(_ path: String) throws(ServiceFailure) {
    guard held.withLock({ $0[path] == nil }), let directory = try HeldDirectory.hold(path) else { return }
    held.withLock { $0[path] = directory }
  }
}
