import CLinux
import Glibc

/// Keeps other daemons of this machine away from a directory that other users can open, and so could lock. An abstract socket
/// (unix(7)) has the directory's device and inode in its name: nothing lies in a directory, the socket ends with the process,
/// and the kernel says whose it is, so that nobody else can pose as a daemon.
public struct DirectoryReservation: ~Copyable, Sendable {
  private let owned: Descriptor

  /// What came of asking for a directory.
  public enum Outcome: ~Copyable, Sendable {
    /// It is ours as long as the reservation lives.
    case taken(DirectoryReservation)
    /// A process of this user, or of root, has it; its number.
    case busy(process: Int32)
    /// Another user uses the name, who has no say in it.
    case unavailable
  }

  /// Asks for the directory with this status, without waiting.
  public static func take(_ status: FileStatus) throws(SystemError) -> Outcome {
    let name = "haplo-importd/drop/\(status.device):\(status.inode)"
    let owned = Descriptor(owning: try systemCall("reserve", quoted(name)) { haplo_socket() })
    do {
      try systemCall("reserve", quoted(name)) { unsafe haplo_bind_abstract(owned.number, name) }
    } catch  where error.errno == EADDRINUSE {
      return holder(of: name)
    }
    try systemCall("reserve", quoted(name)) { listen(owned.number, 16) }
    return .taken(DirectoryReservation(owned: owned))
  }

  private init(owned: consuming Descriptor) { self.owned = owned }

  /// A name that is bound and not answered, or bound by another user, is no daemon's.
  private static func holder(of name: String) -> Outcome {
    let number = haplo_socket()
    guard number >= 0 else { return .unavailable }
    let socket = Descriptor(owning: number)
    var (user, process): (UInt32, Int32) = (0, 0)
    guard unsafe haplo_connect_abstract(socket.number, name) == 0,
      unsafe haplo_peer(socket.number, &user, &process) == 0, user == geteuid() || user == 0
    else { return .unavailable }
    return .busy(process: process)
  }
}
