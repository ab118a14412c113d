import ImportCore
import ImportSystem
import Synchronization

/// Knows which work is stuck. Work that can hang reports when it begins, that it moves, and when it ends; waiting for a
/// time, a turn, a worker or a server is no work. Idle is healthy.
///
/// Domain: `state` is guarded by its mutex.
public final class Heartbeat: Sendable {
  /// One piece of work under way.
  public struct Activity: Sendable {
    fileprivate let heartbeat: Heartbeat
    fileprivate let number: UInt64

    /// Reports that the work moves.
    public func progress() { heartbeat.touch(number) }

    /// Reports that the work is done.
    public func end() { heartbeat.end(number) }
  }

  private struct Entry {
    var name: String
    var limit: Duration
    var isIsolated: Bool
    var moved: MonotonicInstant
    var isReported = false
  }

  private struct State {
    var last: UInt64 = 0
    var entries: [UInt64: Entry] = [:]
    /// Work that was reported as stuck and has moved since.
    var recovered: [String] = []
  }

  /// How often it looks while there is work, if the service manager does not want to hear from it.
  private static let interval = Duration.seconds(300)

  private let state = Mutex(State())
  private let time: any Time
  /// Signalled when work begins after a time without any.
  private let changes = Latch()

  public init(time: any Time) { self.time = time }

  /// Begins a piece of work, which is stuck when it has not moved for `limit`. `isIsolated`: it concerns one source alone,
  /// such as its drop directory on a network mount; then it is named in the log, and the service stays healthy.
  public func begin(_ name: String, limit: Duration = .seconds(300), isIsolated: Bool = false) -> Activity {
    let now = time.monotonic
    let (number, isFirst) = state.withLock { state in
      state.last += 1
      let isFirst = state.entries.isEmpty
      state.entries[state.last] = Entry(name: name, limit: limit, isIsolated: isIsolated, moved: now)
      return (state.last, isFirst)
    }
    if isFirst { changes.signal() }
    return Activity(heartbeat: self, number: number)
  }

  /// The work for which the service counts as stuck; nil when all is well.
  var stuck: String? {
    let now = time.monotonic
    return state.withLock { state in
      state.entries.values.first { !$0.isIsolated && now.since($0.moved) > $0.limit }?.name
    }
  }

  /// All work that has not moved for longer than it may, and since how long, longest first.
  public var stuckWork: [(name: String, since: Duration, isIsolated: Bool)] {
    let now = time.monotonic
    return state.withLock { state in
      state.entries.values.filter { now.since($0.moved) > $0.limit }
    }
    .map { (name: $0.name, since: now.since($0.moved), isIsolated: $0.isIsolated) }
    .sorted { $0.since > $1.since }
  }

  /// The lines that name work which has become stuck since the last call, and work that moves again.
  func review() -> [LogEvent] {
    let now = time.monotonic
    return state.withLock { state in
      var events: [LogEvent] = []
      for (number, entry) in state.entries where !entry.isReported && now.since(entry.moved) > entry.limit {
        state.entries[number]?.isReported = true
        events.append(
          LogEvent(.workStuck, "work is stuck").with("work", entry.name)
            .with("for", "\(Int(now.since(entry.moved).inSeconds))s"))
      }
      events += state.recovered.map { LogEvent(.workMoves, "work continues").with("work", $0) }
      state.recovered = []
      return events
    }
  }

  /// Names stuck work in the log, and reports to the service manager that all is well, for as long as that is true, twice
  /// as often as it asks for. Without a watchdog no tick is heard while there is no work.
  public func run(_ log: any Log) async throws {
    let watchdog = ServiceManager.watchdogMicroseconds.map { Duration.microseconds(Int64($0 / 2)) }
    while true {
      let seen = changes.version
      for event in review() { log.write(event) }
      if watchdog != nil, stuck == nil { ServiceManager.notify(["WATCHDOG=1"]) }
      if watchdog == nil, state.withLock({ $0.entries.isEmpty }) {
        await changes.wait(after: seen)
        try Task.checkCancellation()
      } else {
        try await time.sleep(for: watchdog ?? Self.interval)
      }
    }
  }

  private func touch(_ number: UInt64) {
    let now = time.monotonic
    state.withLock { state in
      state.entries[number]?.moved = now
      if let entry = state.entries[number], entry.isReported {
        state.entries[number]?.isReported = false
        state.recovered.append(entry.name)
      }
    }
  }

  private func end(_ number: UInt64) {
    state.withLock { state in
      guard let entry = state.entries.removeValue(forKey: number), entry.isReported else { return }
      state.recovered.append(entry.name)
    }
  }
}
