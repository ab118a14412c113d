import Synchronization

/// A value that there will be, once, and for which many may wait, however long that takes.
final class Eventual<Value: Sendable>: Sendable {
  private enum State {
    case open([CheckedContinuation<Value, Never>])
    case settled(Value)
  }

  private let state = Mutex(State.open([]))

  /// The value, if it is there.
  var current: Value? {
    state.withLock { if case .settled(let value) = $0 { value } else { nil } }
  }

  /// The value, as soon as it is there.
  var value: Value {
    get async {
      await withCheckedContinuation { continuation in
        if let value = currentOrWait(continuation) { continuation.resume(returning: value) }
      }
    }
  }

  private func currentOrWait(_ continuation: CheckedContinuation<Value, Never>) -> Value? {
    state.withLock { state in
      switch state {
      case .open(let waiters):
        state = .open(waiters + [continuation])
        return nil
      case .settled(let value): return value
      }
    }
  }

  /// Says what it is; to be called once.
  func settle(_ value: Value) {
    let waiters = state.withLock { state in
      guard case .open(let waiters) = state else { preconditionFailure("it was settled before") }
      state = .settled(value)
      return waiters
    }
    for waiter in waiters { waiter.resume(returning: value) }
  }
}
