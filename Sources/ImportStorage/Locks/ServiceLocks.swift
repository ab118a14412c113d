import Glibc
public import ImportCore
public import ImportSystem
import Synchronization

/// A directory that is held for this process as long as this object lives.
private final class HeldDirectory: Sendable {
  private let lock: DirectoryLock

  init(_ directory: Directory) throws(ServiceFailure) {
    do {
      switch try DirectoryLock.take(directory) {
      case .taken(let lock): self.lock = lock
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

/// A drop directory that is reserved for this process as long as this object lives.
private final class ReservedDirectory: Sendable {
  let status: FileStatus
  /// Nil where somebody who is no daemon keeps the name: they cannot keep the daemon from its work by that.
  private let reservation: DirectoryReservation?

  init(_ path: String, _ status: FileStatus) throws(SystemError) {
    self.status = status
    let outcome = try DirectoryReservation.take(status)
    switch consume outcome {
    case .taken(let reservation): self.reservation = .some(reservation)
    case .unavailable: reservation = nil
    case .busy(let process):
      let failure = ServiceFailure.busy(path: path, holder: "process \(process)")
      throw SystemError(call: "use", object: "'\(path)'", errno: EBUSY, detail: failure.description)
    }
  }
}

/// Keeps a second daemon away from the directories that this one works on: the state directory, the spool, and every
/// drop directory; and keeps the sources away from each other's.
///
/// A drop directory can be removed, made again, or replaced at any time by whoever owns the directory above it. So every scan
/// holds the directory that it is about to list (``hold(_:)``).
///
/// Domain: `drops` is guarded by its mutex.
public final class ServiceLocks: Sendable {
  private let state: Directory
  private let spool: Directory
  private let stateLock: StateLock?
  private let held: [HeldDirectory]
  private let drops = Mutex<[String: ReservedDirectory]>([:])

  /// Takes the locks of state and spool, or throws what another process has.
  init(state: Directory, spool: Directory) throws(ServiceFailure) {
    self.state = state
    self.spool = spool
    stateLock = try StateLock.take(in: state)
    held = [try HeldDirectory(state), try HeldDirectory(spool)]
  }

  /// Makes sure that this drop directory is held, in place of what its path led to before, and that it is the source's own.
  ///
  /// - Throws: An error for which `isInUse` holds if another daemon has it; one for which `isNotDirectory` holds if it is another
  ///   source's, or lies in one, or among the spool's own folders.
  public func hold(_ directory: Directory) throws(SystemError) {
    let status = try directory.ownStatus()
    if drops.withLock({ $0[directory.path]?.status.isSameFile(as: status) }) == true { return }
    let ancestry = try directory.ancestry()
    let others = drops.withLock { $0.filter { $0.key != directory.path }.map { ($0.key, $0.value.status) } }
    for (path, other) in try others + reserved() where ancestry.contains(where: { $0.isSameFile(as: other) })
    {
      throw SystemError(
        call: "use", object: "'\(directory.path)'", errno: ELOOP,
        detail: "it is '\(path)' or below it, which is not for this source's exporter")
    }
    // The one before is given up first: it can be the same directory under another path.
    drops.withLock { $0[directory.path] = nil }
    let reserved = try ReservedDirectory(directory.path, status)
    drops.withLock { $0[directory.path] = reserved }
  }

  /// Directories in which nobody may drop anything.
  private func reserved() throws(SystemError) -> [(String, FileStatus)] {
    var found = [(state.path, try state.ownStatus())]
    for area in SpoolArea.allCases.map(\.rawValue) {
      if let status = try spool.status(area) { found.append((spool.path(of: area), status)) }
    }
    return found
  }

  /// Lets go of what was at a path and is gone.
  public func release(_ path: String) { drops.withLock { $0[path] = nil } }
}

/// The state before the first set is looked at: directories that are there and are ours alone.
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

/// Why the service could not start, or had to end.
public enum ServiceFailure: Error, CustomStringConvertible {
  /// Another process works on the same directory: `process 708`, with `on HOST` where that may be another one; nil
  /// if it is not known.
  case busy(path: String, holder: String?)
  /// Another process works on a drop directory.
  case inUse(SystemError)
  /// State or spool cannot be made or opened.
  case cannotCreate(SystemError)
  /// The journal cannot be used, or cannot be used any longer.
  case journal(JournalFailure)
  /// The configuration cannot be used as it is.
  case configuration(String)

  public var description: String {
    switch self {
    case .busy(let path, let holder):
      "'\(path)' is in use by \(holder ?? "another process"); only one haplo-importd may work "
        + "on it at a time"
    case .inUse(let error), .cannotCreate(let error): error.description
    case .journal(let failure): failure.description
    case .configuration(let text): text
    }
  }
}

/// The file `lock` in the state directory. Its lock (fcntl(2), F_OFD_SETLK) is the file system's, so that on NFS it
/// holds on every host, where a directory's flock(2) is each host's own business. Its text names who has it, which
/// the kernel does not tell about another host or container. It ends with the process, however that ends.
final class StateLock: Sendable {
  /// Its name in the state directory.
  static let name = "lock"
  private static let purpose = "lock"

  private let file: WritableFile

  private init(_ file: WritableFile) { self.file = file }

  /// Takes the lock without waiting; throws who has it. Nil where a full disk has no room for a new file, for that
  /// must not keep the daemon from starting.
  static func take(in state: Directory) throws(ServiceFailure) -> StateLock? {
    do {
      let file = try state.openForWriting(name, mode: 0o640, for: purpose)
      guard try file.lock(for: purpose) else {
        throw ServiceFailure.busy(path: state.path, holder: holder(in: state))
      }
      try file.giveToOwner(of: state, for: purpose)
      sign(file)
      return StateLock(file)
    } catch let failure as ServiceFailure {
      throw failure
    } catch let error as SystemError {
      if error.isNoSpace { return nil }
      throw .cannotCreate(error)
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }

  /// Who has the lock, by the file's text: `process 708 on host-a`; nil if there is none.
  static func holder(in state: Directory) -> String? {
    guard let bytes = try? state.readFile(name, atMost: 1024), bytes.last == UInt8(ascii: "\n") else {
      return nil
    }
    return String(validating: bytes.dropLast(), as: UTF8.self)
  }

  /// Writes our name into it. It is for people only: without room for it, the lock is as good.
  private static func sign(_ file: WritableFile) {
    let line = "process \(getpid()) on \(HostName.current)\n"
    do {
      try file.truncate(to: 0, for: purpose)
      try file.write(line.utf8, at: 0, for: purpose)
      try file.syncData(for: purpose)  // on NFS, for others to see
    } catch {}
  }
}
