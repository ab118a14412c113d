import Synchronization

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
