import CLinux
import Glibc

/// A stream socket in the file system (unix(7)): the daemon's end and the other.
public final class LocalSocket: Sendable {
  /// Where it is, for messages.
  public let path: String
  private let owned: Descriptor

  private init(owning number: Int32, path: String) {
    owned = Descriptor(owning: number)
    self.path = path
  }

  /// The descriptor, lent for as long as this object lives.
  public var descriptor: Int32 { owned.number }

  /// Makes a socket at `path` with exactly `mode` and listens on it, in place of one that a crash left behind.
  public static func listen(at path: String, mode: UInt32) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(owning: try open("listen on", path), path: path)
    _ = unsafe Glibc.unlink(path)
    try unsafe socket.withAddress("listen on") { address, length in
      unsafe bind(socket.descriptor, address, length)
    }
    try systemCall("set mode of", quoted(path)) { unsafe chmod(path, mode) }
    try systemCall("listen on", quoted(path)) { Glibc.listen(socket.descriptor, 128) }
    return socket
  }

  /// Connects to the process that listens at `path`. Gives up with EAGAIN after `patience` seconds if that process accepts
  /// nobody.
  ///
  /// - Throws: ENOENT or ECONNREFUSED if nobody listens.
  public static func connect(to path: String, patience: Int) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(owning: try open("connect to", path), path: path)
    let flags = haplo_set_blocking(socket.descriptor)
    if flags < 0 { throw SystemError(call: "connect to", object: quoted(path), errno: errno) }
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    try unsafe socket.withAddress("connect to") { address, length in
      unsafe Glibc.connect(socket.descriptor, address, length)
    }
    return socket
  }

  /// Accepts the next caller; nil when none waits.
  public func accept() -> LocalSocket? {
    let number = haplo_accept(descriptor)
    return number >= 0 ? LocalSocket(owning: number, path: path) : nil
  }

  /// Numeric user of the process at the other end, as the kernel knows it.
  public var peerUser: UInt32? {
    var user: UInt32 = 0
    return unsafe haplo_peer_user(descriptor, &user) == 0 ? user : nil
  }

  /// Removes its name from the file system; whether it was there does not matter.
  public func removePath() { _ = unsafe Glibc.unlink(path) }

  /// Ends the connection in both directions; a read or write that is under way on another thread returns at once.
  public func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Reads up to a newline, which is not returned, or to the end. Blocks until `deadline` at the latest, however slowly the
  /// bytes arrive.
  ///
  /// - Returns: Nil for more than `limit` bytes, for an error, and where the line is not whole in time.
  public func readLine(atMost limit: Int, until deadline: ContinuousClock.Instant) -> [UInt8]? {
    var line: [UInt8] = []
    while line.count <= limit {
      guard let block = try? read(until: deadline) else { return nil }
      line += block
      if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return Array(line[..<end]) }
      if block.isEmpty { return line }
    }
    return nil
  }

  /// Reads the bytes that arrive next, at most 64 KiB; none at the end. Throws EAGAIN if none arrive by `deadline`.
  public func read(until deadline: ContinuousClock.Instant) throws(SystemError) -> [UInt8] {
    try wait(for: POLLIN, "read from", until: deadline)
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = try systemCall("read from", quoted(path)) {
      unsafe recv(descriptor, &block, block.count, Int32(MSG_DONTWAIT))
    }
    return Array(block.prefix(count))
  }

  /// Writes all of `bytes`. Throws EAGAIN if the other end has not read enough of them by `deadline`.
  public func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      try wait(for: POLLOUT, "write to", until: deadline)
      do {
        written += try systemCall("write to", quoted(path)) {
          unsafe bytes.withUnsafeBytes { buffer in
            unsafe send(
              descriptor, buffer.baseAddress! + written, buffer.count - written,
              Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
          }
        }
      } catch  where error.errno == EAGAIN {
        continue  // poll(2) counts less than a whole block as room; the deadline still holds
      }
    }
  }

  private func wait(for events: Int32, _ call: String, until deadline: ContinuousClock.Instant)
    throws(SystemError)
  {
    let left = max(
      0,
      (deadline - .now).components.seconds * 1000
        + (deadline - .now).components.attoseconds / 1_000_000_000_000_000)
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    let ready = try systemCall(call, quoted(path)) { unsafe poll(&entry, 1, Int32(clamping: left)) }
    if ready == 0 { throw SystemError(call: call, object: quoted(path), errno: EAGAIN) }
  }

  private static func open(_ call: String, _ path: String) throws(SystemError) -> Int32 {
    let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
    guard path.utf8.count <= longest else {
      throw SystemError(
        call: call, object: quoted(path), errno: ENAMETOOLONG,
        detail: "a socket's path may have \(longest) bytes; choose a shorter RuntimeDirectory=")
    }
    return try systemCall(call, quoted(path)) { haplo_socket() }
  }

  private func withAddress(
    _ call: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    try systemCall(call, quoted(path)) {
      unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
      }
    }
  }
}
