import CLinux
import Glibc

/// What the kernel says when it is asked whether a file is open for writing.
public enum WriterProbe: Hashable, Sendable {
  /// No process of this machine has it open for writing.
  case nobody
  /// A process has it open for writing, or its last close is not through yet: ask again soon.
  case somebody
  /// Not a question that can be asked here, and why: EACCES without ownership or CAP_LEASE, EINVAL where the file
  /// system knows no leases.
  case cannotTell(errno: Int32)
}

extension OpenFile {
  /// Asks whether any process has the file open for writing, by taking a read lease and giving it back at once
  /// (F_SETLEASE). Must not be called before SIGIO is ignored: a writer who comes at this very moment causes one.
  public func probeWriters() -> WriterProbe {
    let code = haplo_probe_writers(descriptor)
    return switch code {
    case 0: .nobody
    case EAGAIN, EBUSY, ETXTBSY: .somebody
    default: .cannotTell(errno: code)
    }
  }
}
