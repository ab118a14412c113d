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
    /// The look at the one name of which the first event tells. It says nothing about what came after that.
    var begun: Scout.Begun?
    var isEmpty: Bool { events.isEmpty && !isRescanWanted && !isTime }
  }

  private struct State {
    var noticed = Noticed()
    var waiter: CheckedContinuation<Void, Never>?
    /// The watch of which an event is expected.
    var expected: Inotify.Watch?
    /// Begins to look at what is noticed first.
    var scout: Scout?

    /// The look for which these events call, with which it is to be begun.
    mutating func beginLook(for events: [InotifyEvent]) -> (Scout, Scout.Begun)? {
      guard let scout, noticed.isEmpty, let begun = scout.look(for: events) else { return nil }
      noticed.begun = begun
      return (scout, begun)
    }
  }

  /// Signalled when an event has come that was expected.
  private let arrivals = Latch()
  private let state = Mutex(State())
  /// Events that are kept, at most; with more, everything is looked at.
  private static let mostEvents = 100_000

  func add(_ events: [InotifyEvent]) {
    noteArrival(events)
    let (beginning, waiter) = state.withLock { state in
      let beginning = state.beginLook(for: events)
      state.noticed.events += events
      if state.noticed.events.count > Self.mostEvents { state.noticed.events = [.overflow] }
      return (beginning, state.waiter.take())
    }
    if let (scout, begun) = beginning { scout.start(begun) }
    waiter?.resume()
  }

  /// Lets a scout look at what is noticed first, before whoever waits for hints hears of it, until that is taken.
  func standBy(_ scout: Scout) { state.withLock { $0.scout = scout } }

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

  /// What has been noticed; from here on no scout looks at anything.
  func take() -> Noticed {
    state.withLock { state in
      state.scout = nil
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
      return state.waiter.take()
    }
    waiter?.resume()
  }
}
