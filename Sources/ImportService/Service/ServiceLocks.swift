import ImportCore
import ImportSystem
import Synchronization

/// A directory that is held for this process as long as this object lives.
private final class HeldDirectory: Sendable {
  let status: FileStatus
  private let lock: DirectoryLock

  private init(_ lock: consuming DirectoryLock, _ status: FileStatus) {
    self.lock = lock
    self.status = status
  }

  /// Holds a directory. Throws whose it is if another process has it.
  static func hold(_ directory: Directory, _ status: FileStatus) throws(ServiceFailure) -> HeldDirectory {
    do {
      switch try DirectoryLock.take(directory) {
      case .taken(let lock): return HeldDirectory(lock, status)
      case .busy(let process):
        throw ServiceFailure.busy(path: directory.path, holder: process.map { "process \($0)" })
      }
    } catch let failure as ServiceFailure {
      throw failure
    } catch let error as SystemError {
      throw .cannotCreate(error)
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }
}

/// Keeps a second daemon away from the directories that this one works on: the state directory, the spool, and every
/// drop directory, which is made if it is missing and can be.
///
/// A drop directory can be removed and made again at any time, and then the lock is on what is not there any more.
/// So every scan holds the directory that it is about to list (``hold(_:)``).
///
/// Domain: `held` is guarded by its mutex.
public final class ServiceLocks: Sendable {
  private let fileSystem: FileSystem
  private let held = Mutex<[String: HeldDirectory]>([:])
  private let stateLock: StateLock?

  /// Takes the locks of state directory and spool, or throws what another process has.
  init(state: Directory, spool: Directory, _ fileSystem: FileSystem) throws(ServiceFailure) {
    self.fileSystem = fileSystem
    stateLock = try StateLock.take(in: state)
    try hold(state)
    try hold(spool)
  }

  /// Nanoseconds that a drop directory may take to answer.
  private static let patience: Int64 = 10_000_000_000

  /// Takes the drop directories that are new; throws what another process has. Those that are not configured any more
  /// are kept to the end, for their intake may still be at work. What cannot be made or opened now, or does not answer, is
  /// taken when the intake finds it.
  func follow(_ configuration: Configuration, _ lanes: LaneWorkers) async throws(ServiceFailure) {
    let failure = await withTaskGroup(of: ServiceFailure?.self) { group in
      for source in configuration.sources {
        group.addTask {
          let result = try? await lanes.run(
            in: "the drop directory of \(source.name)", within: Self.patience
          ) { _ in self.take(source.directory) }
          return result ?? nil
        }
      }
      return await group.reduce(nil) { $0 ?? $1 }
    }
    if let failure { throw failure }
  }

  /// Takes one drop directory; returns what another process has. Blocks.
  private func take(_ path: String) -> ServiceFailure? {
    let made = try? fileSystem.openOrMakeDirectory(path, mode: 0o2770, for: "intake")
    guard let directory = made ?? (try? fileSystem.openDirectory(path)) else { return nil }
    do throws(ServiceFailure) {
      try hold(directory)
      return nil
    } catch {
      return error
    }
  }

  /// Makes sure that this directory is held, in place of what its path led to before. Throws whose it is if another
  /// process has it.
  func hold(_ directory: Directory) throws(ServiceFailure) {
    let status: FileStatus
    do { status = try directory.ownStatus() } catch { throw .cannotCreate(error) }
    try held.withLock { held throws(ServiceFailure) in
      if held[directory.path]?.status.isSameFile(as: status) == true { return }
      held[directory.path] = try HeldDirectory.hold(directory, status)
    }
  }

  /// Lets go of what was at a path and is gone.
  func release(_ path: String) { held.withLock { $0[path] = nil } }
}
