import Glibc
import ImportSystem

/// A terminal that a page is drawn on again and again: on its other screen, without a cursor, with keys that come at once
/// and are not shown. It is put back as it was however the program ends that way.
final class WatchedTerminal {
  /// What ended the wait.
  enum Event: Equatable {
    case time
    /// The person wants to see it now: a key, or another size of the window.
    case redraw
    /// `q`, Ctrl-C, or another signal that ends the program.
    case end
  }

  /// The signals that are read here. They must be blocked before the first thread is started.
  static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]

  private let reader: SignalReader
  private let hasKeys = isatty(STDIN_FILENO) == 1
  private var before = termios()

  init() throws(Failure) {
    do {
      reader = try SignalReader(Self.signals)
    } catch {
      throw .system(error)
    }
    tcgetattr(STDIN_FILENO, &before)
    try begin()
  }

  deinit { end() }

  /// Draws a page in place of what was there.
  func draw(_ lines: [String]) throws(Failure) {
    let clear = "\u{1B}[K"
    try StandardOutput.write("\u{1B}[H" + lines.joined(separator: clear + "\n") + clear + "\u{1B}[J")
  }

  /// Waits for a key, a signal, or so many milliseconds.
  func wait(_ milliseconds: Int32) throws(Failure) -> Event {
    var watched = [
      pollfd(fd: reader.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: hasKeys ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&watched, 2, milliseconds) > 0 else { return .time }
    if watched[1].revents != 0, endsByKey() { return .end }
    var event = watched[1].revents == 0 ? Event.time : .redraw
    while let signal = reader.next() {
      switch signal {
      case SIGWINCH: event = .redraw
      case SIGTSTP:
        try pause()
        event = .redraw
      default: return .end
      }
    }
    return event
  }

  /// Ctrl-Z: the shell gets its terminal back meanwhile.
  private func pause() throws(Failure) {
    end()
    kill(getpid(), SIGSTOP)
    try begin()
  }

  /// True for `q`, and when nobody is there any more.
  private func endsByKey() -> Bool {
    var keys = [UInt8](repeating: 0, count: 64)
    let count = read(STDIN_FILENO, &keys, keys.count)
    return count <= 0 || keys.prefix(count).contains { "qQ\u{4}".utf8.contains($0) }
  }

  private func begin() throws(Failure) {
    if hasKeys {
      var now = before
      now.c_lflag &= ~tcflag_t(ICANON | ECHO)
      tcsetattr(STDIN_FILENO, TCSADRAIN, &now)
    }
    try StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l")
  }

  private func end() {
    // A terminal that is gone needs nothing put back.
    try? StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
    if hasKeys { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
  }
}
