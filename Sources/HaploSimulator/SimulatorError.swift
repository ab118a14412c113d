import Glibc

/// Says why a simulator cannot be had.
public enum SimulatorError: Error, Equatable, CustomStringConvertible {
  /// The port is taken or not allowed (`errno`), or, with 0, libmicrohttpd refused the certificate or key.
  case cannotListen(port: UInt16, errno: Int32)
  /// A file that was named cannot be read or written.
  case file(path: String, errno: Int32)

  public var description: String {
    switch self {
    case .cannotListen(let port, 0): "cannot listen on port \(port): the certificate or its key is not usable"
    case .cannotListen(let port, let code):
      "cannot listen on port \(port): \(String(cString: strerror(code)))"
    case .file(let path, let code): "cannot use '\(path)': \(String(cString: strerror(code)))"
    }
  }
}

/// Writes one line to standard error, which is the simulator's only log.
func standardError(_ line: String) {
  let text = Array("haplo-simulator: \(line)\n".utf8)
  _ = text.withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
}

/// Writes everything, going on after short writes and signals; false leaves errno.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0 {
      guard errno == EINTR else { return false }
      continue
    }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return true
}
