import Synchronization

/// The decision whether something that has been made ready is done. What was to be done can be taken back after that, and
/// nothing else.
public final class GoAhead: Sendable {
  private struct State {
    var decision: Bool?
    var listeners: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  /// Nothing is decided yet.
  public init() {}

  /// Nil as long as nothing is decided.
  public var decision: Bool? { state.withLock { $0.decision } }

  /// Says that it is to be done; changes nothing if something was said before.
  public func give() { decide(true) { $0 == nil } }

  /// Says that it is not to be done, or no longer.
  public func refuse() { decide(false) { $0 != false } }

  /// Calls `listener` each time something is decided, on the thread of whoever decides; and at once, if that is so already.
  func onDecision(_ listener: @escaping @Sendable () -> Void) {
    let isDecided = state.withLock { state in
      // What is refused stays so.
      if state.decision != false { state.listeners.append(listener) }
      return state.decision != nil
    }
    if isDecided { listener() }
  }

  private func decide(_ decision: Bool, if isPossible: (Bool?) -> Bool) {
    let listeners = state.withLock { state -> [@Sendable () -> Void] in
      guard isPossible(state.decision) else { return [] }
      state.decision = decision
      defer { if !decision { state.listeners = [] } }
      return state.listeners
    }
    for listener in listeners { listener() }
  }
}
