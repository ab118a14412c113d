/// Shares out a number of bytes a second among all transfers: a bucket that fills at that rate and holds an
/// eighth of a second's worth, so that the sum over any longer time keeps the limit.
struct Bandwidth {
  typealias Instant = SuspendingClock.Instant

  private let rate: Double
  private let capacity: Double
  private var tokens: Double
  private var filled: Instant

  /// Begins full. `rate` is in bytes a second, at least 1.
  init(rate: Int64, now: Instant) {
    self.rate = Double(max(rate, 1))
    capacity = max(self.rate / 8, 1)
    tokens = capacity
    filled = now
  }

  /// Grants as many of `wanted` bytes as may be sent now; 0 means to come back after ``wait(at:)``. It grants
  /// nothing below half a bucket, lest it dribbles.
  mutating func grant(_ wanted: Int, at now: Instant) -> Int {
    fill(at: now)
    guard tokens >= min(Double(wanted), quantum) else { return 0 }
    let granted = min(wanted, Int(tokens))
    tokens -= Double(granted)
    return granted
  }

  /// Counts bytes that are sent in any case, such as forms; later ones wait the longer.
  mutating func charge(_ bytes: Int, at now: Instant) {
    fill(at: now)
    tokens -= Double(bytes)
  }

  /// How long until there is something to grant; zero if there is now.
  mutating func wait(at now: Instant) -> Duration {
    fill(at: now)
    return tokens >= quantum ? .zero : .seconds((quantum - tokens) / rate)
  }

  private var quantum: Double { max(capacity / 2, 1) }

  private mutating func fill(at now: Instant) {
    let elapsed = filled.duration(to: now).components
    tokens = min(
      capacity, tokens + rate * (Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18))
    filled = now
  }
}
