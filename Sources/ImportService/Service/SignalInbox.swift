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

  private let reader: SignalReader
  private let state = Mutex(State())
  private let changes = Latch()

  /// Blocks SIGTERM, SIGINT and SIGHUP, which are read here from now on, and ignores SIGPIPE and SIGIO. To be called
  /// before any other thread is started.
  public init() throws(SystemError) {
    SignalReader.ignore(SIGPIPE)
    SignalReader.ignore(SIGIO)
    reader = try SignalReader([SIGTERM, SIGINT, SIGHUP])
  }

  /// Begins to listen.
  func listen(on events: EventThread) { events.add(reader.descriptor) { [self] in receive() } }

  /// Stops listening.
  func stopListening(on events: EventThread) { events.remove(reader.descriptor) }

  /// Waits for the next signal; nil when the task is cancelled.
  func next() async -> Int32? {
    while !Task.isCancelled {
      let seen = changes.version
      if let signal = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) {
        return signal
      }
      await changes.wait(after: seen)
    }
    return nil
  }

  private func receive() {
    while let signal = reader.next() {
      let endsNow = state.withLock { state in
        state.waiting.append(signal)
        if signal != SIGHUP { state.endings += 1 }
        return state.endings > 1
      }
      if endsNow { _exit(0) }
    }
    changes.signal()
  }
}
