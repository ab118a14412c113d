import Glibc

/// Reads what a broken connection still holds.
enum LeftBytes {
  /// Takes what has arrived, without waiting, and no more than an answer of ours may have.
  static func read(from socket: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while bytes.count < TransferAnswer.longestBody {
      let length = unsafe recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard length > 0 else { break }
      bytes += buffer[..<length]
    }
    return bytes
  }

  /// Our port of a connection; 0 when there is none. libcurl does not tell a transfer its socket in time.
  static func localPort(of socket: Int32) -> Int32 {
    // IPv4 and IPv6 have the port at the same place.
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(socket, $0, &length)
      }
    }
    return code == 0 ? Int32(UInt16(bigEndian: address.sin6_port)) : 0
  }
}

extension AnswerReader {
  /// Takes an answer from the bytes of a connection; true if it was whole by its own `Content-Length`.
  mutating func takeAll(from bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !hasHeaders {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return false }
      header(rest[...end])
      rest = rest[rest.index(after: end)...]
    }
    _ = receive(rest)
    return contentLength.map { rest.count >= $0 } ?? false
  }
}
