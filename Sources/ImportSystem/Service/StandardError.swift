import Glibc
import Synchronization

/// Writes lines to standard error, each whole and in one piece.
public enum StandardError {
  private static let turn = Mutex(())

  /// Writes `text` and a newline.
  public static func writeLine(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    turn.withLock { _ in
      var written = 0
      while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { buffer in
          unsafe write(STDERR_FILENO, buffer.baseAddress! + written, buffer.count - written)
        }
        if count < 0 && errno != EINTR { return }
        written += max(count, 0)
      }
    }
  }

  /// True if a person reads standard error on a terminal.
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
