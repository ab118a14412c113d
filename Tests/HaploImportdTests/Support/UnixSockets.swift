import Glibc

/// Puts a path into the address of a socket in the file system.
private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// What the service manager would be: takes what `NOTIFY_SOCKET` is told.
final class NotifySocket {
  let path: String
  private let descriptor: Int32
  private var messages: [String] = []

  init(path: String) {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    precondition(withAddress(path) { bind(descriptor, $0, $1) } == 0, "no socket for a test: \(errno)")
  }

  deinit { close(descriptor) }

  /// Sends it messages that nobody reads, until it takes no more. Of one sender it would not take so many.
  func fill() {
    for _ in 0..<16 {
      let sender = socket(
        AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
      defer { close(sender) }
      while withAddress(path, { Int32(sendto(sender, "x", 1, 0, $0, $1)) }) == 1 {}
    }
  }

  /// Waits for a message with a line that begins so; each message is found once. Nil if none came in time.
  func message(with beginning: String, within limit: Duration = .seconds(30)) -> [String]? {
    let deadline = ContinuousClock.now + limit
    repeat {
      if let index = messages.firstIndex(where: { Self.lines($0).contains { $0.hasPrefix(beginning) } }) {
        return Self.lines(messages.remove(at: index))
      }
    } while receive(until: deadline)
    return nil
  }

  /// How many messages that were received and not looked for have such a line.
  func count(of beginning: String) -> Int {
    while receive(until: .now) {}
    return messages.count { Self.lines($0).contains { $0.hasPrefix(beginning) } }
  }

  private func receive(until deadline: ContinuousClock.Instant) -> Bool {
    guard waitForInput(descriptor, until: deadline) else { return false }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &block, block.count, 0)
    guard count >= 0 else { return false }
    messages.append(String(decoding: block[..<count], as: UTF8.self))
    return true
  }

  private static func lines(_ message: String) -> [String] { message.split(separator: "\n").map(String.init) }
}

/// A program that speaks to the daemon's control socket in its own way.
final class RawCaller {
  private let descriptor: Int32

  init(_ path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    precondition(withAddress(path) { connect(descriptor, $0, $1) } == 0, "cannot connect: \(errno)")
  }

  deinit { close(descriptor) }

  /// Sends as much as is taken.
  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Says that no more is sent.
  func finish() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads to the end; nil if that does not come in time.
  func answer(within limit: Duration = .seconds(30)) -> String? {
    let deadline = ContinuousClock.now + limit
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while waitForInput(descriptor, until: deadline) {
      let count = recv(descriptor, &block, block.count, 0)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
    return nil
  }
}

/// A daemon's socket whose owner takes callers and hangs up on them without a word.
final class RudeListener {
  private let descriptor: Int32

  init(_ path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let isBound = withAddress(path) { bind(descriptor, $0, $1) } == 0
    precondition(isBound && listen(descriptor, 16) == 0, "no socket for a test: \(errno)")
  }

  deinit { close(descriptor) }

  /// Waits for a caller, and hangs up, before it has read anything or not. False if none comes in time.
  func hangUp(reading: Bool, within limit: Duration = .seconds(30)) -> Bool {
    guard waitForInput(descriptor, until: .now + limit) else { return false }
    let caller = accept(descriptor, nil, nil)
    guard caller >= 0 else { return false }
    defer { close(caller) }
    guard reading else { return true }
    var block = [UInt8](repeating: 0, count: 4096)
    return recv(caller, &block, block.count, 0) > 0
  }
}
