import Glibc
import Synchronization

/// One call on another thread, for a caller that need not wait for its end: the first of the work and the end of the caller's
/// patience decides the result.
final class PendingCall<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Result<Value, SystemError>, Never>?
    var isUnwanted = false
    var hasBegun = false
    var isFinished = false
    var timer: Task<Void, Never>?
  }

  private let object: String
  private let state = Mutex(State())

  private init(_ object: String) { self.object = object }

  /// Has `body` performed by a thread to which `add` gives the job.
  ///
  /// - Parameters:
  ///   - object: What the caller waits for, for errors.
  ///   - limit: Nanoseconds after which the caller goes on without the result; nil: none.
  ///   - grace: Nanoseconds that work which has begun may take to end when the caller is cancelled.
  ///   - body: Learns through its argument when its result is not wanted any more.
  /// - Throws: The error of `body` or `add`; ECANCELED (`isCancelled`) once the task is cancelled; ETIMEDOUT (`isTimeout`) after
  ///   `limit`.
  static func result(
    of object: String, within limit: Int64? = nil, grace: Int64,
    add: (@escaping @Sendable () -> Void) throws(SystemError) -> Void,
    _ body: @escaping @Sendable (WorkProgress) throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    let call = PendingCall(object)
    let result: Result<Value, SystemError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.wait(continuation)
        if let limit { call.end(with: call.error(ETIMEDOUT, "it does not answer"), after: limit) }
        do throws(SystemError) {
          try add { call.perform(body) }
        } catch {
          call.finish(.failure(error))
        }
      }
    } onCancel: {
      if call.cancel() { call.end(with: call.error(ECANCELED), after: grace) }
    }
    return try result.get()
  }

  private func error(_ code: Int32, _ detail: String? = nil) -> SystemError {
    SystemError(call: "wait for", object: object, errno: code, detail: detail)
  }

  private func wait(_ continuation: CheckedContinuation<Result<Value, SystemError>, Never>) {
    let isUnwanted = state.withLock { state in
      state.continuation = continuation
      return state.isUnwanted
    }
    if isUnwanted { finish(.failure(error(ECANCELED))) }
  }

  private func perform(_ body: (WorkProgress) throws(SystemError) -> Value) {
    let begins = state.withLock { state in
      state.hasBegun = true
      return !state.isFinished
    }
    guard begins else { return }
    let progress = WorkProgress(isCancelled: { [self] in state.withLock { $0.isUnwanted } })
    let result: Result<Value, SystemError>
    do throws(SystemError) { result = .success(try body(progress)) } catch { result = .failure(error) }
    finish(result)
  }

  /// Tells the work that it is not wanted any more. True if it has begun, and may take a moment to end.
  private func cancel() -> Bool {
    let hasBegun = state.withLock { state in
      state.isUnwanted = true
      return state.hasBegun
    }
    if !hasBegun { finish(.failure(error(ECANCELED))) }
    return hasBegun
  }

  /// Ends the call after `nanoseconds`, unless it has ended by then.
  private func end(with error: SystemError, after nanoseconds: Int64) {
    guard nanoseconds > 0 else { return finish(.failure(error)) }
    let deadline = TimerThread.now + nanoseconds
    let timer = Task {
      await TimerThread.shared.sleep(until: deadline)
      if Task.isCancelled { return }
      state.withLock { $0.isUnwanted = true }
      finish(.failure(error))
    }
    let isOver = state.withLock { state in
      state.timer?.cancel()
      state.timer = timer
      return state.isFinished
    }
    if isOver { timer.cancel() }
  }

  private func finish(_ result: Result<Value, SystemError>) {
    typealias Waiter = (
      continuation: CheckedContinuation<Result<Value, SystemError>, Never>, timer: Task<Void, Never>?
    )
    let waiter = state.withLock { state -> Waiter? in
      // A result that comes before the caller waits is that of a call that was cancelled at once.
      guard !state.isFinished, let continuation = state.continuation.take() else { return nil }
      state.isFinished = true
      return (continuation, state.timer.take())
    }
    waiter?.timer?.cancel()
    waiter?.continuation.resume(returning: result)
  }
}

extension SystemError {
  /// A call did not return in the time that it had (ETIMEDOUT).
  public var isTimeout: Bool { errno == ETIMEDOUT }
}
