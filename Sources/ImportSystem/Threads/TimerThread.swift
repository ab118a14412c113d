import Glibc
import Synchronization

/// Wakes tasks at moments of the monotonic clock (CLOCK_MONOTONIC), from one thread that sleeps until the earliest. A
/// sleeper that is cancelled leaves nothing behind.
public final class TimerThread: Sendable {
  /// The one of this program.
  public static let shared = TimerThread()

  private struct Sleeper {
    var deadline: Int64
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var isStarted = false
    var last: UInt64 = 0
    var sleepers: [UInt64: Sleeper] = [:]
    /// When the thread wakes up by itself.
    var alarm = Int64.max
  }

  private let state = Mutex(State())
  private let wakeUp = Semaphore()

  private init() {}

  /// Sleeps until the clock shows `deadline` (nanoseconds), or until the task is cancelled.
  public func sleep(until deadline: Int64) async {
    if let simulated = ThreadSupply.simulated { return await simulated.sleep(until: deadline) }
    let number = state.withLock { state in
      state.last += 1
      return state.last
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { add(Sleeper(deadline: deadline, continuation: $0), number) }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume()
    }
  }

  private func add(_ sleeper: Sleeper, _ number: UInt64) {
    let (isOver, isEarlier, isFirst) = state.withLock { state in
      if Task.isCancelled { return (true, false, false) }
      state.sleepers[number] = sleeper
      defer { state.isStarted = true }
      return (false, sleeper.deadline < state.alarm, !state.isStarted)
    }
    if isOver { return sleeper.continuation.resume() }
    if isFirst { start() } else if isEarlier { wakeUp.signal() }
  }

  private func start() {
    do {
      try NamedThread.start("haplo-timer") { [self] in run() }
    } catch {
      preconditionFailure("no thread to keep time: \(error)")
    }
  }

  private func run() {
    while true {
      let (due, alarm) = state.withLock { Self.takeDue(&$0) }
      for sleeper in due { sleeper.continuation.resume() }
      if alarm == .max { wakeUp.wait() } else { wakeUp.wait(until: alarm) }
    }
  }

  private static func takeDue(_ state: inout State) -> (due: [Sleeper], alarm: Int64) {
    let now = now
    let due = state.sleepers.filter { $0.value.deadline <= now }
    for number in due.keys { state.sleepers[number] = nil }
    state.alarm = state.sleepers.values.map(\.deadline).min() ?? .max
    return (Array(due.values), state.alarm)
  }

  /// What the clock shows, in nanoseconds.
  public static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.nanoseconds
  }
}

/// Calls that may hang in the kernel, for a caller that blocks and cannot wait for ever.
public enum TimedCalls {
  /// Performs the calls side by side, each on a thread of its own, and waits for all of them, but no longer than a limit.
  /// A call that hangs keeps its thread.
  ///
  /// - Parameter limit: nanoseconds.
  /// - Returns: the results in the order of the calls; nil for one that has not returned.
  public static func results<Value: Sendable>(
    of calls: [@Sendable () -> Value], within limit: Int64
  ) -> [Value?] {
    guard ThreadSupply.simulated == nil else { return calls.map { $0() } }
    let results = Results<Value>(calls.count)
    var started = 0
    for (index, call) in calls.enumerated() {
      do {
        try NamedThread.start("haplo-look") { results.set(call(), at: index) }
        started += 1
      } catch {
        continue
      }
    }
    let deadline = TimerThread.now + limit
    while results.count < started, TimerThread.now < deadline { results.done.wait(until: deadline) }
    return results.all
  }

  private final class Results<Value: Sendable>: Sendable {
    private let values: Mutex<(values: [Value?], count: Int)>
    let done = Semaphore()

    init(_ count: Int) { values = Mutex((Array(repeating: nil, count: count), 0)) }

    var count: Int { values.withLock { $0.count } }
    var all: [Value?] { values.withLock { $0.values } }

    func set(_ value: Value, at index: Int) {
      values.withLock { state in
        state.values[index] = value
        state.count += 1
      }
      done.signal()
    }
  }
}
