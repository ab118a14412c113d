import Glibc
public import ImportSystem
import Synchronization

/// The signals that came and were not looked at yet. A second request to end is not put here: it ends the process at
/// once, whatever is under way, for that is what whoever sends it wants.
public final class SignalInbox: Sendable {
  private struct State {
    var waiting: [Int32] = []
    var endings = 0
  }

  /// The kernel's signals, in a class because an optional of what cannot be copied cannot be lent.
  private final class Kernel: Sendable {
    let reader: SignalReader

    init(_ reader: consuming SignalReader) { self.reader = reader }
  }

  private let kernel: Kernel?
  private let state = Mutex(State())
  private let changes = Latch()

  /// Signals that would end the process, and mean nothing to it; at last the real-time ones as Glibc leaves them. Without
  /// SIGXFSZ, a file that may not grow any further is an error of the call that writes to it.
  private static let ignored =
    [SIGPIPE, SIGIO, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXFSZ] + (34...64)

  /// Blocks SIGTERM, SIGINT and SIGHUP, which are read here from now on, and ignores the other signals that programs send to
  /// each other. To be called before any other thread is started.
  public init() throws(SystemError) {
    for signal in Self.ignored { SignalReader.ignore(signal) }
    kernel = Kernel(try SignalReader([SIGTERM, SIGINT, SIGHUP]))
  }

  private init(kernel: Kernel?) { self.kernel = kernel }

  /// One that hears only what a test puts into it.
  static func apart() -> SignalInbox { SignalInbox(kernel: nil) }

  public func listen(on events: EventThread) {
    guard let kernel else { return }
    events.add(kernel.reader.descriptor) { [self] in
      while let signal = kernel.reader.next() { put(signal) }
    }
  }

  public func stopListening(on events: EventThread) {
    if let kernel { events.remove(kernel.reader.descriptor) }
  }

  /// Waits for the next signal; nil when the task is cancelled.
  public func next() async -> Int32? {
    while !Task.isCancelled {
      let seen = changes.version
      if let signal = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
        return signal
      }
      await changes.wait(after: seen)
    }
    return nil
  }

  /// Takes in a signal; the second one that asks for the end ends the process.
  func put(_ signal: Int32) {
    let endsNow = state.withLock { state in
      state.waiting.append(signal)
      if signal != SIGHUP { state.endings += 1 }
      return state.endings > 1
    }
    if endsNow { _exit(0) }
    changes.signal()
  }
}
