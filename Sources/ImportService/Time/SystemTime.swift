import Glibc
public import ImportCore

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

  /// Sleeps by the suspending clock, which is CLOCK_MONOTONIC on Linux.
  public func sleep(until instant: MonotonicInstant) async throws(CancellationError) {
    let duration = instant.since(monotonic)
    do {
      try await Task.sleep(for: max(duration, .zero), clock: SuspendingClock())
    } catch {
      throw CancellationError()
    }
  }

  private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
