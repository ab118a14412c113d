import Glibc
import Synchronization

/// Counts calls on files that failed because of a limit (EMFILE, ENFILE, ENOMEM), wherever the error went: a set that could
/// not be read for that reason must not count as one that is not there.
public final class LimitCount: Sendable {
  private let state = Mutex((count: 0, hasLeftWork: false))

  init() {}

  /// How many calls have failed.
  public var count: Int { state.withLock { $0.count } }

  /// True once somebody has given up because of a limit.
  public var hasLeftWork: Bool {
    get { state.withLock { $0.hasLeftWork } }
    set { state.withLock { $0.hasLeftWork = newValue } }
  }

  func note(_ error: SystemError) {
    guard error.isLimit || error.errno == ENOMEM else { return }
    state.withLock { $0.count += 1 }
  }
}
