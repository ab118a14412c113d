import CSystemd
import Glibc

/// Tells the service manager how it goes (sd_notify(3)). Without one (`NOTIFY_SOCKET` unset) everything here does
/// nothing.
public enum ServiceManager {
  /// Sends lines such as `READY=1`, in the order of the calls, and does not wait for it. A manager that cannot be reached, or
  /// does not listen, is no reason to stop.
  public static func notify(_ lines: [String]) {
    guard isPresent else { return }
    let variable = variable(lines)
    _ = teller.add(lines, size: 1) { variable != nil && Self.variable($0) == variable }
  }

  /// Waits until all was sent, but no longer than a second: at the end of the program.
  public static func finish() {
    guard isPresent else { return }
    teller.finish(within: 1_000_000_000)
  }

  /// True if a service manager listens.
  public static var isPresent: Bool {
    guard let value = unsafe getenv("NOTIFY_SOCKET") else { return false }
    return unsafe value.pointee != 0
  }

  /// How long the service manager waits for a sign of life, in microseconds; nil if it does not watch this process
  /// (sd_watchdog_enabled(3)).
  public static var watchdogMicroseconds: UInt64? {
    var microseconds: UInt64 = 0
    return unsafe sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds : nil
  }

  /// Sends on a thread of its own: sd_notify(3) waits until the manager has room for one more message, and a manager that is
  /// frozen or very busy must not keep sets from being delivered.
  private static let teller = WriterThread<[String]>(name: "haplo-notify", items: 1000, bytes: .max) {
    lines in _ = unsafe sd_notify(0, lines.joined(separator: "\n"))
  }

  /// The variable of a message of one line, of which the newest is enough: it only says how it stands.
  private static func variable(_ lines: [String]) -> Substring? {
    lines.count == 1 ? lines.first?.prefix { $0 != "=" } : nil
  }
}

/// Writes entries to the system's journal by its own protocol (sd_journal_sendv(3)).
public enum SystemJournal {
  /// Writes one entry of `NAME=value` fields; false if there is no journal to take it. Values may hold any bytes,
  /// newlines included: they cannot be mistaken for another field.
  public static func send(_ fields: [(name: String, value: String)]) -> Bool {
    let texts = fields.map { Array("\($0.name)=\($0.value)".utf8) }
    var storage = texts.flatMap { $0 }
    return unsafe storage.withUnsafeMutableBytes { buffer in
      var start = 0
      var vectors: [iovec] = unsafe []
      for text in texts {
        unsafe vectors.append(iovec(iov_base: buffer.baseAddress! + start, iov_len: text.count))
        start += text.count
      }
      return unsafe sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
    }
  }

  /// True if standard error is connected to the journal, which `JOURNAL_STREAM` tells by device and inode
  /// (systemd.exec(5)). A terminal or a file in its place means that a person wants to see the lines there.
  public static var hasStandardError: Bool {
    guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
    let parts = unsafe String(cString: value).split(separator: ":")
    var raw = stat()
    guard parts.count == 2, unsafe fstat(STDERR_FILENO, &raw) == 0 else { return false }
    return UInt64(parts[0]) == UInt64(raw.st_dev) && UInt64(parts[1]) == UInt64(raw.st_ino)
  }
}

/// Writes lines to standard error.
public enum StandardError {
  /// What fits into a pipe that poll(2) calls writable, so that writing it does not block.
  private static let piece = 4096

  /// Writes `text` and a newline. A line of up to 4096 bytes is written in one piece.
  ///
  /// - Parameter limit: milliseconds to wait for a reader of a full pipe; nil: for as long as it takes.
  public static func writeLine(_ text: String, within limit: Int32? = nil) {
    let bytes = Array((text + "\n").utf8)
    var written = 0
    while written < bytes.count {
      var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
      let ready = unsafe poll(&entry, 1, limit ?? -1)
      if ready < 0, errno == EINTR { continue }
      if ready <= 0 { return }
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe write(STDERR_FILENO, buffer.baseAddress! + written, min(buffer.count - written, piece))
      }
      if count < 0 && errno != EINTR && errno != EAGAIN { return }
      written += max(count, 0)
    }
  }

  /// True if a person reads standard error on a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
