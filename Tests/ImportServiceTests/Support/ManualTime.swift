import ImportCore
import ImportRuntime
import ImportService
import Synchronization

/// Clocks that only a test moves. Whoever sleeps wakes when ``advance(by:)`` passes the time slept for.
final class ManualTime: Time {
  private struct Sleeper {
    var instant: MonotonicInstant
    var continuation: CheckedContinuation<Bool, Never>
  }

  private struct Watcher {
    var instant: MonotonicInstant
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Timestamp
    var monotonic = MonotonicInstant(nanoseconds: 1_000_000_000_000)
    var lastId = 0
    var sleepers: [Int: Sleeper] = [:]
    var cancelled: Set<Int> = []
    var watchers: [Watcher] = []
  }

  private let state: Mutex<State>

  /// Begins at a time of the calendar.
  init(_ now: String = "2026-11-24T07:05:12Z") { state = Mutex(State(now: Timestamp(now)!)) }

  var now: Timestamp {
    get { state.withLock { $0.now } }
    set { state.withLock { $0.now = newValue } }
  }

  var monotonic: MonotonicInstant { state.withLock { $0.monotonic } }

  /// Moves both clocks on and wakes all whose time has come.
  func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      state.monotonic = state.monotonic.advanced(by: duration)
      let ids = state.sleepers.filter { $0.value.instant <= state.monotonic }.map(\.key)
      return ids.compactMap { state.sleepers.removeValue(forKey: $0) }
    }
    for sleeper in due { sleeper.continuation.resume(returning: true) }
  }

  /// Returns as soon as somebody sleeps who would wake within `duration` from now.
  func sleeper(within duration: Duration) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        let instant = state.monotonic.advanced(by: duration)
        if state.sleepers.values.contains(where: { $0.instant <= instant }) { return true }
        state.watchers.append(Watcher(instant: instant, continuation: continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  func sleep(until instant: MonotonicInstant) async throws(CancellationError) {
    let id = state.withLock { state in
      state.lastId += 1
      return state.lastId
    }
    let isOver = await withTaskCancellationHandler {
      await withCheckedContinuation { begin(id, Sleeper(instant: instant, continuation: $0)) }
    } onCancel: {
      cancel(id)
    }
    if !isOver { throw CancellationError() }
  }

  private func begin(_ id: Int, _ sleeper: Sleeper) {
    let (answer, watchers) = state.withLock { state -> (Bool?, [Watcher]) in
      if state.cancelled.remove(id) != nil { return (false, []) }
      if sleeper.instant <= state.monotonic { return (true, []) }
      state.sleepers[id] = sleeper
      let woken = state.watchers.filter { $0.instant >= sleeper.instant }
      state.watchers.removeAll { $0.instant >= sleeper.instant }
      return (nil, woken)
    }
    for watcher in watchers { watcher.continuation.resume() }
    if let answer { sleeper.continuation.resume(returning: answer) }
  }

  private func cancel(_ id: Int) {
    let sleeper = state.withLock { state in
      if state.sleepers[id] == nil { state.cancelled.insert(id) }
      return state.sleepers.removeValue(forKey: id)
    }
    sleeper?.continuation.resume(returning: false)
  }
}
