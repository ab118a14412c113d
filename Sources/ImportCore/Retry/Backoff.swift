/// How long to wait before a step is repeated: exponential with full jitter, from one second to ten
/// minutes, so that many waiting clients do not come back at the same moment.
public enum Backoff {
  /// Nothing is repeated sooner.
  public static let shortest = Duration.seconds(1)
  /// Nothing waits longer.
  public static let longest = Duration.seconds(600)

  /// Gives the delay after the `failures`-th failure in a row (from 1). `random` is between 0 and 1. What the
  /// server asks for (`Retry-After`) counts instead, within the same bounds: it may be absurd.
  public static func delay(failures: Int, random: Double, serverAsks: Duration? = nil) -> Duration {
    if let serverAsks { return min(max(serverAsks, shortest), longest) }
    let exponent = Double(min(max(failures, 1), 20))
    var ceiling = 1.0
    for _ in 0..<Int(exponent) { ceiling = min(ceiling * 2, longest.inSeconds) }
    return .milliseconds(Int64(1000 * (1 + random * (ceiling - 1))))
  }
}
