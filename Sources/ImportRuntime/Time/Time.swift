import Glibc
public import ImportCore
import ImportSystem

/// The clocks, and the only way to wait: one of the three seams at which tests put something of their own.
public protocol Time: Sendable {
  /// The calendar clock, for people and names.
  var now: Timestamp { get }
  /// The monotonic clock, for whatever must be waited for.
  var monotonic: MonotonicInstant { get }
  /// Waits until the monotonic clock shows `instant`; throws as soon as the task is cancelled.
  func sleep(until instant: MonotonicInstant) async throws(CancellationError)
}

extension Time {
  /// Waits for `duration`.
  public func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: monotonic.advanced(by: duration))
  }

  /// Waits until the calendar clock shows `moment`, as far as can be told now: a clock that is set meanwhile
  /// does not shorten or lengthen the wait.
  public func sleep(until moment: Timestamp) async throws(CancellationError) {
    try await sleep(for: max(moment.since(now), .zero))
  }
}

/// The machine's clocks.
public struct SystemTime: Time {
  public init() {}

  public var now: Timestamp { Timestamp(microseconds: nanoseconds(CLOCK_REALTIME) / 1000) }

  public var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds(CLOCK_MONOTONIC)) }

  /// Sleeps by ``TimerThread``, not by `Task.sleep`, whose timers keep libdispatch awake.
  public func sleep(until instant: MonotonicInstant) async throws(CancellationError) {
    await TimerThread.shared.sleep(until: instant.nanoseconds)
    if Task.isCancelled { throw CancellationError() }
  }

  private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
