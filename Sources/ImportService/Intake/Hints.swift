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
    /// It is time to look at something.
    var isTime = false
    var isEmpty: Bool { events.isEmpty && !isRescanWanted && !isTime }
  }

  private struct State {
    var noticed = Noticed()
    var waiter: CheckedContinuation<Void, Never>?
    /// The watch of which an event is expected.
    var expected: Inotify.Watch?
  }

  /// Signalled when an event has come that was expected.
  private let arrivals = Latch()
  private let state = Mutex(State())
  /// Events that are kept, at most; with more, everything is looked at.
  private static let mostEvents = 100_000

  func add(_ events: [InotifyEvent]) {
    noteArrival(events)
    notice { noticed in
      noticed.events += events
      guard noticed.events.count > Self.mostEvents else { return }
      noticed.events = [.overflow]
    }
  }

  /// Begins to expect an event of this watch.
  func expectEvent(of watch: Inotify.Watch) { state.withLock { $0.expected = watch } }

  /// Returns true as soon as the event that is expected has come; false when the task is cancelled.
  func waitForExpected() async -> Bool {
    while !Task.isCancelled {
      let seen = arrivals.version
      if state.withLock({ $0.expected == nil }) { return true }
      await arrivals.wait(after: seen)
    }
    return false
  }

  /// An overflow shows as well that events arrive.
  private func noteArrival(_ events: [InotifyEvent]) {
    let hasCome = state.withLock { state in
      guard let expected = state.expected else { return false }
      guard events.contains(.overflow) || events.contains(.changedItself(expected)) else { return false }
      state.expected = nil
      return true
    }
    if hasCome { arrivals.signal() }
  }

  func wake() { notice { $0.isTime = true } }

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
