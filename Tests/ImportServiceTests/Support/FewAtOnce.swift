import Synchronization
import Testing

extension Trait where Self == FewAtOnce {
  /// Lets only some tests run at a time, of all that have this trait.
  static var fewAtOnce: Self { FewAtOnce() }
}

/// A limit on how many tests run at a time. Each test has a service or an intake of its own, with an inotify instance, of which a user
/// has 128, and threads; the runner would begin all at once, and their deadlines would run out while they wait for each other.
struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
  private static let turnstile = Turnstile(places: 12)

  var isRecursive: Bool { true }

  /// Counts what is run, and not the suites around it.
  func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    await Self.turnstile.enter()
    defer { Self.turnstile.leave() }
    try await function()
  }
}

/// Lets so many in at a time; the others wait in their order.
private final class Turnstile: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(places: Int) { state = Mutex(State(free: places)) }

  func enter() async {
    await withCheckedContinuation { continuation in
      let mayEnter = state.withLock { state in
        guard state.free > 0 else {
          state.waiting.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if mayEnter { continuation.resume() }
    }
  }

  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
