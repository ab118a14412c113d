import Glibc
import ImportCore
import ImportSystem

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
