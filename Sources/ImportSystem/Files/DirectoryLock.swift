import CLinux
import Glibc

/// Holds a directory for this process alone (flock(2) on the directory itself, so that nothing stands in it). It
/// ends with the process, however that ends: nothing stale can be left behind.
public struct DirectoryLock: ~Copyable, Sendable {
  private let owned: Descriptor

  /// What came of asking for a directory.
  public enum Outcome: ~Copyable, Sendable {
    /// It is ours as long as the lock lives.
    case taken(DirectoryLock)
    /// Another process has it; its number, as far as the kernel tells.
    case busy(process: Int32?)
  }

  /// Asks for this very directory, whatever its path leads to by now, without waiting.
  public static func take(_ directory: Directory) throws(SystemError) -> Outcome {
    // A lock belongs to an open file description: one of its own lasts as long as the lock is wanted.
    let number = try systemCall("open", quoted(directory.path)) {
      unsafe openat(directory.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let owned = Descriptor(owning: number)
    do {
      try systemCall("lock", quoted(directory.path)) { flock(owned.number, LOCK_EX | LOCK_NB) }
    } catch  where error.isInUse {
      return .busy(process: holder(of: owned.number))
    }
    return .taken(DirectoryLock(owned: owned))
  }

  private init(owned: consuming Descriptor) { self.owned = owned }

  /// Looks in /proc/locks (proc_locks(5)) for a line such as `1: FLOCK ADVISORY WRITE 708 00:2b:1234 0 EOF`.
  private static func holder(of descriptor: Int32) -> Int32? {
    var raw = stat()
    guard unsafe fstat(descriptor, &raw) == 0, let text = readProcFile("/proc/locks") else { return nil }
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(":\(raw.st_ino)") else { continue }
      return Int32(words[4])
    }
    return nil
  }

  private static func readProcFile(_ path: String) -> String? {
    guard let file = unsafe fopen(path, "re") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

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
