import Glibc

/// A connection that sends any bytes, well-formed or not, and reads whatever comes back.
final class RawConnection {
  private let socket: Int32

  init(port: UInt16) throws(RawError) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let failed = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard failed == 0 else { throw RawError(call: "connect", errno: errno) }
  }

  deinit { close(socket) }

  /// Sends everything; false when the server broke the connection meanwhile.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Reads until the server ends the connection, or until `enough` holds for what came.
  func receive(until enough: ([UInt8]) -> Bool = { _ in false }) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while !enough(all) {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      all += buffer[..<count]
    }
    return all
  }

  /// Reads one answer to its announced end.
  func answer() -> RawAnswer? { RawAnswer(receive { RawAnswer($0)?.isWhole ?? false }) }
}

struct RawError: Error {
  let call: String
  let errno: Int32
}

/// An answer as it came over the wire.
struct RawAnswer {
  let status: Int
  /// By lower-case name.
  let headers: [String: String]
  let body: String
  /// Whether as many bytes came as were announced.
  let isWhole: Bool

  /// Nil when not even the headers came.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(ofBytes: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    guard let first = lines.first?.split(separator: " "), first.count > 1, let status = Int(first[1]) else {
      return nil
    }
    self.status = status
    headers = Dictionary(
      lines.dropFirst().compactMap { line in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
      }
    ) { $1 }
    body = String(text[end.upperBound...])
    isWhole = headers["content-length"].flatMap { Int($0) } == body.utf8.count
  }
}

extension String {
  fileprivate func firstRange(ofBytes wanted: String) -> Range<String.Index>? {
    let view = utf8
    var index = view.startIndex
    while index != view.endIndex {
      if view[index...].starts(with: wanted.utf8) {
        return index..<view.index(index, offsetBy: wanted.utf8.count)
      }
      index = view.index(after: index)
    }
    return nil
  }
}
