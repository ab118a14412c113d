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
    try systemCall("listen on", quoted(path)) { Glibc.listen(socket.descriptor, 16) }
    return socket
  }

  /// Connects to whoever listens at `path`; throws ENOENT or ECONNREFUSED when nobody does. With `patience`, connecting,
  /// reading and writing give up with EAGAIN after so many seconds.
  public static func connect(to path: String, patience: Int? = nil) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(owning: try open("connect to", path), path: path)
    let flags = haplo_set_blocking(socket.descriptor)
    if flags < 0 { throw SystemError(call: "connect to", object: quoted(path), errno: errno) }
    if let patience { socket.limit(patience) }
    try unsafe socket.withAddress("connect to") { address, length in
      unsafe Glibc.connect(socket.descriptor, address, length)
    }
    return socket
  }

  /// Takes the next caller; nil when none waits. Reading and writing then give up after `seconds` without a byte.
  public func accept(patience seconds: Int) -> LocalSocket? {
    let number = haplo_accept(descriptor)
    guard number >= 0 else { return nil }
    let socket = LocalSocket(owning: number, path: path)
    socket.limit(seconds)
    return socket
  }

  /// Has reading and writing give up after `seconds` without a byte.
  private func limit(_ seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  /// Numeric user of the process at the other end, as the kernel knows it.
  public var peerUser: UInt32? {
    var user: UInt32 = 0
    return unsafe haplo_peer_user(descriptor, &user) == 0 ? user : nil
  }

  /// Reads up to a newline, which is not returned, or to the end; nil for more than `limit` bytes or an error.
  public func readLine(atMost limit: Int) -> [UInt8]? {
    var line: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while line.count <= limit {
      let count = unsafe recv(descriptor, &block, block.count, 0)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      line += block.prefix(count)
      if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return Array(line[..<end]) }
      if count == 0 { return line }
    }
    return nil
  }

  /// Reads all that comes until the other end closes.
  public func readToEnd() throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try systemCall("read from", quoted(path)) {
        unsafe recv(descriptor, &block, block.count, 0)
      }
      if count == 0 { return bytes }
      bytes += block.prefix(count)
    }
  }

  /// Writes all of `bytes`.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      written += try systemCall("write to", quoted(path)) {
        unsafe bytes.withUnsafeBytes { buffer in
          unsafe send(descriptor, buffer.baseAddress! + written, buffer.count - written, Int32(MSG_NOSIGNAL))
        }
      }
    }
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
