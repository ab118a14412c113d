import Glibc
public import ImportCore
import ImportSystem

/// The machine's clocks.
public struct SystemTime: Time {
  /// Uses the machine's clocks.
  public init() {}

  public var now: Timestamp {
    Timestamp(microseconds: nanoseconds(CLOCK_REALTIME) / 1000)
  }

  public var monotonic: MonotonicInstant {
    MonotonicInstant(nanoseconds: nanoseconds(CLOCK_MONOTONIC))
  }

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
