import Glibc
public import ImportSystem

/// Asks the daemon that runs on this machine.
public struct ControlClient: Sendable {
  private let path: String

  /// Takes the directory in which the daemon's socket is.
  public init(runtimeDirectory: String) { path = "\(runtimeDirectory)/\(ControlSocket.name)" }

  /// Sends one request and waits for its reply. Throws ENOENT or ECONNREFUSED when no daemon runs, and
  /// EAGAIN when one is silent for longer than `patience` seconds; nil waits for ever. ECONNRESET or EPIPE: it hung up.
  public func ask(_ request: ControlRequest, patience: Int? = nil) throws(SystemError) -> ControlReply {
    let socket = try LocalSocket.connect(to: path, patience: patience)
    try socket.write(ControlCoding.encode(request))
    let bytes = try socket.readToEnd()
    guard !bytes.isEmpty else {
      throw SystemError(
        call: "read from", object: "'\(path)'", errno: ECONNRESET, detail: "the connection was closed")
    }
    guard let reply = ControlCoding.decode(ControlReply.self, bytes) else {
      return .failed(
        "the daemon's answer is not understood: is it of another version? Restart it after an upgrade")
    }
    return reply
  }
}
