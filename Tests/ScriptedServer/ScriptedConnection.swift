import Glibc

/// One connection that plays its script on a thread of its own.
final class ScriptedConnection {
  private let record: ServerRecord
  private let number: Int
  private let socket: Int32
  private var pending: [UInt8] = []
  private var isPresent = false

  init(_ record: ServerRecord, _ number: Int, _ socket: Int32) {
    self.record = record
    self.number = number
    self.socket = socket
    record.connected()
  }

  func play(_ script: [ScriptedServer.Action]) {
    for action in script {
      guard perform(action) else { break }
    }
    leave()
  }

  /// False when the client is gone.
  private func perform(_ action: ScriptedServer.Action) -> Bool {
    switch action {
    case .readRequest: return readRequest()
    case .skimRequest: return skimRequest()
    case .readHead: return readHead() != nil
    case .readBytes(let count): return read(count) != nil
    case .send(let text):
      leave()
      return send(Array(text.utf8))
    case .sendBytes(let bytes):
      leave()
      return send(bytes)
    case .sendForever(let size):
      let block = [UInt8](repeating: UInt8(ascii: "x"), count: size)
      while send(block) {}
      return false
    case .meet(let barrier):
      barrier.wait()
      return true
    case .stand:
      let peerIsGone: Int16 = 0x2000  // POLLRDHUP, which only _GNU_SOURCE declares
      var end = pollfd(fd: socket, events: peerIsGone, revents: 0)
      poll(&end, 1, -1)
      return false
    case .hold:
      while receive() {}
      return false
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
      return false
    }
  }

  private func readRequest() -> Bool {
    guard let head = readHead() else { return false }
    return read(Self.contentLength(head)) != nil
  }

  private func skimRequest() -> Bool {
    guard let head = readHead() else { return false }
    var left = Self.contentLength(head) - pending.count
    pending = []
    while left > 0 {
      guard receive() else { return false }
      left -= pending.count
      pending = []
    }
    return true
  }

  private func readHead() -> String? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = pending.firstRange(of: end) {
        let head = String(decoding: pending[..<range.upperBound], as: UTF8.self)
        pending.removeSubrange(..<range.upperBound)
        note(head)
        return head
      }
      guard receive() else { return nil }
    }
  }

  private func note(_ head: String) {
    isPresent = true
    record.arrived(head, on: number)
  }

  private func leave() {
    if isPresent { record.left() }
    isPresent = false
  }

  private func read(_ count: Int) -> [UInt8]? {
    while pending.count < count {
      guard receive() else { return nil }
    }
    let bytes = Array(pending[..<count])
    pending.removeFirst(count)
    record.received(bytes, on: number)
    return bytes
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let length = recv(socket, &buffer, buffer.count, 0)
    guard length > 0 else { return false }
    pending += buffer[..<length]
    return true
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let length = bytes.withUnsafeBytes { buffer in
        Glibc.send(socket, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard length > 0 else { return false }
      sent += length
    }
    return true
  }

  private static func contentLength(_ head: String) -> Int {
    for line in head.split(separator: "\r\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "content-length" {
        return Int(parts[1].drop { $0 == " " }) ?? 0
      }
    }
    return 0
  }
}
