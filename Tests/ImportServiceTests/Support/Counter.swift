import Synchronization

/// Counts from 1.
final class Counter: Sendable {
  private let value = Mutex(0)

  /// The last number.
  var current: Int { value.withLock { $0 } }

  /// The next number.
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
