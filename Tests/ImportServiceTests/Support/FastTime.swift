import ImportCore
import ImportRuntime
import ImportService
import Synchronization

/// Clocks that run a thousand times as fast as the world's: what waits for minutes in a service waits for some
/// milliseconds in a test, and nothing else is different.
final class FastTime: Time {
  private static let factor = 1000

  private let start = ContinuousClock.now
  private let beginning: Timestamp
  private let skipped = Mutex(Duration.zero)

  init(_ now: String = "2026-11-24T07:05:12Z") { beginning = Timestamp(now)! }

  var now: Timestamp { beginning.advanced(by: elapsed) }

  var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: 1_000_000_000).advanced(by: elapsed) }

  /// Moves both clocks on, between two lives of a service. Sleepers do not notice.
  func skip(_ duration: Duration) { skipped.withLock { $0 += duration } }

  func sleep(until instant: MonotonicInstant) async throws(CancellationError) {
    let duration = max(instant.since(monotonic), .zero) / Self.factor
    do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
  }

  private var elapsed: Duration { (ContinuousClock.now - start) * Self.factor + skipped.withLock { $0 } }
}
