import Synchronization

extension WorkerPool {
  /// Performs `body` on one of the threads, like ``run(_:)``, and returns nil as soon as the task is cancelled. A thread that hangs
  /// in the kernel then hangs alone; what `body` returns later is dropped, so it must be no more than a value.
  public func runAbandonable<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    let caller = Caller<Value>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard caller.wait(continuation) else { return continuation.resume(returning: nil) }
        start { caller.resume(body()) }
      }
    } onCancel: {
      caller.resume(nil)
    }
  }
}

/// Whoever waits for a result, and is told once.
private final class Caller<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value?, Never>?
    var isOver = false
  }

  private let state = Mutex(State())

  /// False if it is over already.
  func wait(_ continuation: CheckedContinuation<Value?, Never>) -> Bool {
    state.withLock { state in
      if state.isOver { return false }
      state.continuation = continuation
      return true
    }
  }

  func resume(_ value: Value?) {
    state.withLock { state in
      state.isOver = true
      return state.continuation.take()
    }?.resume(returning: value)
  }
}
