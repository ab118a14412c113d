import Glibc
public import ImportSystem

/// Asks the daemon that runs on this machine.
public struct ControlClient: Sendable {
  private let path: String

  /// Takes the directory in which the daemon's socket is.
  public init(runtimeDirectory: String) { path = "\(runtimeDirectory)/\(ControlSocket.name)" }

  /// True if no daemon listens. Blocks for a second at the most.
  public var isDaemonDown: Bool {
    do {
      _ = try LocalSocket.connect(to: path, patience: 1)
      return false
    } catch {
      return error.isMissing || error.errno == ECONNREFUSED
    }
  }

  /// Sends one request and waits for its reply. Blocks for `patience` seconds at the most.
  ///
  /// - Parameter slow: Called once if there is no reply within two seconds.
  /// - Throws: ENOENT or ECONNREFUSED if no daemon runs, EAGAIN if one has not replied in time, ECONNRESET or EPIPE if it hung
  ///   up.
  public func ask(_ request: ControlRequest, patience: Int, slow: () -> Void = {}) throws(SystemError)
    -> ControlReply
  {
    let start = ContinuousClock.now
    let deadline = start + .seconds(patience)
    let socket = try LocalSocket.connect(to: path, patience: patience)
    try socket.write(ControlCoding.encode(request), until: deadline)
    let bytes = try reply(socket, first: min(deadline, start + .seconds(2)), deadline, slow)
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

  private func reply(
    _ socket: LocalSocket, first: ContinuousClock.Instant, _ deadline: ContinuousClock.Instant,
    _ slow: () -> Void
  ) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      bytes = try socket.read(until: first)
    } catch  where error.errno == EAGAIN && first < deadline {
      slow()
      bytes = try socket.read(until: deadline)
    }
    while !bytes.isEmpty {
      let block = try socket.read(until: deadline)
      if block.isEmpty { break }
      bytes += block
    }
    return bytes
  }
}
