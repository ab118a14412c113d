import ImportCore
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
    /// The watch of which an event is expected.
    var expected: Inotify.Watch?
  }

  /// Signalled when an event has come that was expected.
  private let arrivals = Latch()
  /// Signalled when anything is noticed.
  private let news = Latch()
  private let state = Mutex(State())
  /// Events that are kept, at most; with more, everything is looked at.
  private static let mostEvents = 100_000

  func add(_ events: [InotifyEvent]) {
    noteArrival(events)
    state.withLock { state in
      state.noticed.events += events
      if state.noticed.events.count > Self.mostEvents { state.noticed.events = [.overflow] }
    }
    news.signal()
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

  func wantRescan() {
    state.withLock { $0.noticed.isRescanWanted = true }
    news.signal()
  }

  var isEmpty: Bool { state.withLock { $0.noticed.isEmpty } }

  /// What has been noticed since this was asked last.
  func take() -> Noticed {
    state.withLock { state in
      defer { state.noticed = Noticed() }
      return state.noticed
    }
  }

  /// Returns when anything has been noticed, at `deadline`, or when the task is cancelled.
  func wait(until deadline: MonotonicInstant?, _ time: any Time) async {
    let seen = news.version
    guard isEmpty else { return }
    guard let deadline else { return await news.wait(after: seen) }
    await news.wait(after: seen, until: deadline, time)
  }
}
