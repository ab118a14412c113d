import CCurl

/// The sockets that libcurl has open, for it does not tell a transfer which one it uses. Lives on the engine's thread.
final class OpenSockets {
  private var sockets: Set<Int32> = []

  func add(_ socket: Int32) { sockets.insert(socket) }

  func remove(_ socket: Int32) { sockets.remove(socket) }

  /// The socket whose connection has this port of ours.
  func socket(withPort port: Int32) -> Int32? { sockets.first { LeftBytes.localPort(of: $0) == port } }
}

/// How far a TCP connection has come, by the kernel's own account.
struct TCPProgress {
  /// Bytes of ours that the peer's kernel has acknowledged. A peer that closed its side before more arrived never
  /// acknowledges them.
  let acknowledged: UInt64
  /// True if the peer has closed its side in good order (FIN), whatever came after that.
  let peerHasClosed: Bool

  /// Nil if the system does not say.
  init?(of socket: Int32) {
    var bytes: UInt64 = 0
    var closed: Int32 = 0
    guard unsafe haplo_tcp_progress(socket, &bytes, &closed) == 0 else { return nil }
    acknowledged = bytes
    peerHasClosed = closed != 0
  }
}
