import ImportCore
import Synchronization

/// Wakes whoever waits for hints when it is time to look again. It sleeps in a task of its own, which is left alone by hints
/// that come before that and when the moment is put off: it looks then whether it is time.
///
/// Domain: `state` is guarded by its mutex.
final class HintAlarm: Sendable {
  private struct State {
    /// When to wake.
    var moment: MonotonicInstant?
    /// Until when the task sleeps; nil: until it is told of a moment.
    var armed: MonotonicInstant?
  }

  private let hints: Hints
  private let time: any Time
  private let state = Mutex(State())
  private let changes = Latch()

  init(_ hints: Hints, _ time: any Time) {
    self.hints = hints
    self.time = time
  }

  /// When to wake, in place of the moment before; nil: never.
  func set(_ moment: MonotonicInstant?) {
    let isEarlier = state.withLock { state in
      state.moment = moment
      guard let moment else { return false }
      return state.armed.map { moment < $0 } ?? true
    }
    if isEarlier { changes.signal() }
  }

  /// Wakes at each moment that is set, until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let seen = changes.version
      if takeDue() { hints.wake() }
      let armed = state.withLock { state in
        state.armed = state.moment
        return state.armed
      }
      if let armed {
        await changes.wait(after: seen, until: armed, time)
      } else {
        await changes.wait(after: seen)
      }
    }
  }

  private func takeDue() -> Bool {
    let now = time.monotonic
    return state.withLock { state in
      guard let moment = state.moment, moment <= now else { return false }
      state.moment = nil
      return true
    }
  }
}
