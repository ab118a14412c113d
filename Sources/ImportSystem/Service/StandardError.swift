import Glibc

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
