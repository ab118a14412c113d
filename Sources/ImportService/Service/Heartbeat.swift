import ImportCore
import ImportSystem
import Synchronization

/// Knows whether anything that is due is stuck. Work that can hang says when it begins, that it moves, and when it
/// ends; waiting for a time, a turn or a server is no work. Idle is healthy.
///
/// Domain: `state` is guarded by its mutex.
final class Heartbeat: Sendable {
  /// One piece of work under way.
  struct Activity: Sendable {
    fileprivate let heartbeat: Heartbeat
    fileprivate let number: UInt64

    /// Says that the work moves.
    func progress() { heartbeat.touch(number) }

    /// Says that the work is done.
    func end() { heartbeat.end(number) }
  }

  private struct Entry {
    var name: String
    var limit: Duration
    var moved: MonotonicInstant
  }

  private struct State {
    var last: UInt64 = 0
    var entries: [UInt64: Entry] = [:]
  }

  private let state = Mutex(State())
  private let time: any Time

  init(time: any Time) { self.time = time }

  /// Begins a piece of work that is stuck when it has not moved for `limit`.
  func begin(_ name: String, limit: Duration = .seconds(300)) -> Activity {
    let now = time.monotonic
    let number = state.withLock { state in
      state.last += 1
      state.entries[state.last] = Entry(name: name, limit: limit, moved: now)
      return state.last
    }
    return Activity(heartbeat: self, number: number)
  }

  /// The work that has not moved for longer than it may; nil when all is well.
  var stuck: String? {
    let now = time.monotonic
    return state.withLock { state in
      state.entries.values.first { now.since($0.moved) > $0.limit }?.name
    }
  }

  /// Tells the service manager that all is well, for as long as that is true, twice as often as it asks for. Without
  /// a watchdog it returns at once, and no tick is heard.
  func run() async throws {
    guard let microseconds = ServiceManager.watchdogMicroseconds else { return }
    while true {
      if stuck == nil { ServiceManager.notify(["WATCHDOG=1"]) }
      try await time.sleep(for: .microseconds(Int64(microseconds / 2)))
    }
  }

  private func touch(_ number: UInt64) {
    let now = time.monotonic
    state.withLock { $0.entries[number]?.moved = now }
  }

  private func end(_ number: UInt64) { state.withLock { $0.entries[number] = nil } }
}
