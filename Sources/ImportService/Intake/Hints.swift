import ImportSystem
import Synchronization

/// A latch between those who notice something and the one who looks: what was noticed stays until it is taken.
///
/// Domains: `state` is guarded by its mutex; events come from the event thread, requests from anywhere, and one
/// task waits.
final class Hints: Sendable {
  /// What has been noticed.
  struct Noticed: Sendable {
    var events: [InotifyEvent] = []
    var isRescanWanted = false
    var isEmpty: Bool { events.isEmpty && !isRescanWanted }
  }

  private struct State {
    var noticed = Noticed()
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  /// Events that are kept, at most; with more, everything is looked at.
  private static let mostEvents = 100_000

  func add(_ events: [InotifyEvent]) {
    notice { noticed in
      noticed.events += events
      guard noticed.events.count > Self.mostEvents else { return }
      noticed.events = [.overflow]
    }
  }

  func wantRescan() { notice { $0.isRescanWanted = true } }

  var isEmpty: Bool { state.withLock { $0.noticed.isEmpty } }

  func take() -> Noticed {
    state.withLock { state in
      defer { state.noticed = Noticed() }
      return state.noticed
    }
  }

  /// Returns as soon as anything has been noticed, or the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          if !state.noticed.isEmpty || Task.isCancelled { return true }
          state.waiter = continuation
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      resume { _ in }
    }
  }

  private func notice(_ change: (inout Noticed) -> Void) {
    resume { change(&$0.noticed) }
  }

  private func resume(_ change: (inout State) -> Void) {
    let waiter = state.withLock { state in
      change(&state)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
