import CLinux
import Glibc

/// A read lease on an open file (fcntl(2), F_SETLEASE). While it is held, a process of this machine that opens the file
/// for writing waits in open(2), for at most `/proc/sys/fs/lease-break-time` seconds. Released at the end of its life.
public final class ReadLease: Sendable {
  private let file: OpenFile

  fileprivate init(_ file: OpenFile) { self.file = file }

  deinit { haplo_release_lease(file.descriptor) }

  /// True as long as no process has tried to open the file for writing since the lease was taken.
  public var isIntact: Bool { haplo_has_read_lease(file.descriptor) == 1 }
}

extension OpenFile {
  /// A writer that comes causes a SIGIO, which would end the process.
  private static let ignoresSignal: Void = SignalReader.ignore(SIGIO)

  /// Takes a read lease.
  ///
  /// - Returns: the lease; nil where the file system knows none, or this process may take none.
  /// - Throws: EBUSY (`isInUse`) if a process has the file open for writing.
  public func takeReadLease() throws(SystemError) -> ReadLease? {
    _ = Self.ignoresSignal
    do {
      try fileSystem.perform(FileOperation(.lock, for: "lease", on: path)) {
        let code = haplo_take_read_lease(descriptor)
        errno = code
        return code == 0 ? 0 : -1
      }
      return ReadLease(self)
    } catch  where error.isInUse {
      throw SystemError(
        call: "read", object: quoted(path), errno: EBUSY, detail: "a program has it open for writing")
    } catch {
      return nil
    }
  }
}
