import Glibc

/// Collects an answer as it arrives: the last header block, and so much of the body as is kept.
struct AnswerReader {
  private(set) var status = 0
  private(set) var contentType: String?
  private(set) var retryAfter: String?
  private(set) var contentLength: Int?
  private(set) var cookies: [String] = []
  private(set) var body: [UInt8] = []
  private(set) var bodySize = 0
  /// True once the headers of a final answer (not 1xx) are whole: from here on, there is an answer.
  private(set) var hasHeaders = false

  /// Takes one line of headers, with its line end, as libcurl hands them over.
  mutating func header(_ line: some Collection<UInt8>) {
    let text = Self.trim(String(decoding: line, as: UTF8.self)[...])
    if text.hasPrefix("HTTP/") { return begin(text) }
    if text.isEmpty { return hasHeaders = status >= 200 }
    guard let colon = text.firstIndex(of: ":") else { return }
    let value = Self.trim(text[text.index(after: colon)...])
    switch text[..<colon].lowercased() {
    case "content-type": contentType = String(value)
    case "content-length": contentLength = Int(value)
    case "retry-after": retryAfter = String(value)
    case "set-cookie": addCookie(value)
    default: break
    }
  }

  private mutating func addCookie(_ value: Substring) {
    let pair = value.prefix { $0 != ";" }
    let isSafe = pair.utf8.allSatisfy { (0x21..<0x7f).contains($0) && $0 != UInt8(ascii: ",") }
    guard isSafe, pair.contains("="), pair.utf8.count <= Self.longestCookie, cookies.count < Self.mostCookies
    else { return }
    cookies.append(String(pair))
  }

  private static let longestCookie = 512
  private static let mostCookies = 8

  /// Takes a piece of a body that somebody else reads.
  mutating func pass(_ bytes: some Collection<UInt8>) { bodySize += bytes.count }

  /// Takes a piece of the body; false if there were too many already, and the answer is to be cut off.
  mutating func receive(_ bytes: some Collection<UInt8>) -> Bool {
    bodySize += bytes.count
    body.append(contentsOf: bytes.prefix(max(0, TransferAnswer.keptBytes - body.count)))
    return bodySize <= TransferAnswer.longestBody
  }

  /// The answer so far.
  func answer(isComplete: Bool) -> TransferAnswer {
    TransferAnswer(
      status: status, contentType: contentType, retryAfter: retryAfter, cookies: cookies, body: body,
      isComplete: isComplete)
  }

  /// A status line: what came before it was an interim answer.
  private mutating func begin(_ line: Substring) {
    self = AnswerReader()
    status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while let last = text.unicodeScalars.last, isBlank(last) { text.unicodeScalars.removeLast() }
    while let first = text.unicodeScalars.first, isBlank(first) { text.unicodeScalars.removeFirst() }
    return text
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
  }
}

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
