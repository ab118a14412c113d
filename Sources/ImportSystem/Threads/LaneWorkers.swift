import Glibc
import Synchronization

/// Threads for work that can take long or hang: reading large files, and everything on a directory that may be a network
/// mount. Each lane, one for each source, has at most two threads, so that one lane never waits for another. A thread is
/// started when there is work, and ends after ten seconds without any.
///
/// Domains: `lanes` is guarded by its mutex.
public final class LaneWorkers: Sendable {
  private struct Lane: Sendable {
    var jobs: [@Sendable () -> Void] = []
    var threads = 0
    var idle = 0
    var ready = Semaphore()
  }

  private let name: String
  private let threadsPerLane: Int
  private let idleTime: Int64
  private let lanes = Mutex<[String: Lane]>([:])

  /// Prepares threads called `name`; none is started.
  public init(name: String, threadsPerLane: Int = 2, idleTime: Int64 = 10_000_000_000) {
    self.name = name
    self.threadsPerLane = threadsPerLane
    self.idleTime = idleTime
  }

  /// Nanoseconds that cancelled work may take to end by itself. After that its caller goes on without it.
  public static let grace: Int64 = 2_000_000_000

  /// Performs `body` on a thread of the lane, in the order of asking.
  ///
  /// - Parameters:
  ///   - lane: name of the lane.
  ///   - limit: nanoseconds after which the caller goes on without the result, counted from the call; nil: none.
  ///   - body: is told through its argument when nobody wants its result any more. If it hangs in the kernel all the same,
  ///     it keeps its thread, and the caller goes on without it.
  /// - Throws: what `body` throws; ECANCELED (`isCancelled`) once the task is cancelled; ETIMEDOUT (`isTimeout`) after
  ///   `limit`.
  public func run<Value: Sendable>(
    in lane: String, within limit: Int64? = nil,
    _ body: @escaping @Sendable (WorkProgress) throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    let call = LaneCall<Value>(lane)
    let result: Result<Value, SystemError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.wait(continuation)
        if let limit { call.end(with: .timeout(lane), after: limit) }
        do throws(SystemError) {
          try add(to: lane) { call.perform(body) }
        } catch {
          call.finish(.failure(error))
        }
      }
    } onCancel: {
      if call.cancel() { call.end(with: .cancelled(lane), after: Self.grace) }
    }
    return try result.get()
  }

  private func add(to name: String, _ job: @escaping @Sendable () -> Void) throws(SystemError) {
    let (ready, needsThread) = lanes.withLock { lanes in
      var lane = lanes[name] ?? Lane()
      defer { lanes[name] = lane }
      lane.jobs.append(job)
      let needsThread = lane.jobs.count > lane.idle && lane.threads < threadsPerLane
      if needsThread { lane.threads += 1 }
      return (lane.ready, needsThread)
    }
    ready.signal()
    guard needsThread else { return }
    do throws(SystemError) {
      try NamedThread.start(self.name) { [self] in work(in: name, ready) }
    } catch {
      let isAlone = lanes.withLock { lanes in
        lanes[name]?.threads -= 1
        guard lanes[name]?.threads == 0 else { return false }
        lanes[name]?.jobs = []  // their callers are told by this very error, or wait for their limit
        return true
      }
      if isAlone { throw error }
    }
  }

  private func work(in name: String, _ ready: Semaphore) {
    while let job = next(in: name, ready) { job() }
  }

  /// Waits for the next job; nil when there was none for the idle time, and the thread is to end.
  private func next(in name: String, _ ready: Semaphore) -> (@Sendable () -> Void)? {
    let deadline = TimerThread.now + idleTime
    while true {
      if let job = take(in: name, isOver: false) { return job }
      lanes.withLock { $0[name]?.idle += 1 }
      ready.wait(until: deadline)
      lanes.withLock { $0[name]?.idle -= 1 }
      if TimerThread.now >= deadline { return take(in: name, isOver: true) }
    }
  }

  private func take(in name: String, isOver: Bool) -> (@Sendable () -> Void)? {
    lanes.withLock { lanes in
      guard lanes[name]?.jobs.isEmpty == false else {
        if isOver {
          lanes[name]?.threads -= 1
          if lanes[name]?.threads == 0 { lanes[name] = nil }
        }
        return nil
      }
      return lanes[name]?.jobs.removeFirst()
    }
  }
}

/// One call: whoever is first, the work or the end of its caller's patience, decides the result.
private final class LaneCall<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Result<Value, SystemError>, Never>?
    var isUnwanted = false
    var hasBegun = false
    var isFinished = false
    var timer: Task<Void, Never>?
  }

  private let lane: String
  private let state = Mutex(State())

  init(_ lane: String) { self.lane = lane }

  func wait(_ continuation: CheckedContinuation<Result<Value, SystemError>, Never>) {
    let isUnwanted = state.withLock { state in
      state.continuation = continuation
      return state.isUnwanted
    }
    if isUnwanted { finish(.failure(.cancelled(lane))) }
  }

  func perform(_ body: (WorkProgress) throws(SystemError) -> Value) {
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
  func cancel() -> Bool {
    let hasBegun = state.withLock { state in
      state.isUnwanted = true
      return state.hasBegun
    }
    if !hasBegun { finish(.failure(.cancelled(lane))) }
    return hasBegun
  }

  /// Ends the call after `nanoseconds`, unless it has ended by then.
  func end(with error: SystemError, after nanoseconds: Int64) {
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

  func finish(_ result: Result<Value, SystemError>) {
    typealias Waiter = (
      continuation: CheckedContinuation<Result<Value, SystemError>, Never>, timer: Task<Void, Never>?
    )
    let waiter = state.withLock { state -> Waiter? in
      // A result that comes before anybody waits is that of a call that was cancelled at once.
      guard !state.isFinished, let continuation = state.continuation.take() else { return nil }
      state.isFinished = true
      return (continuation, state.timer.take())
    }
    waiter?.timer?.cancel()
    waiter?.continuation.resume(returning: result)
  }
}

extension SystemError {
  fileprivate static func cancelled(_ lane: String) -> SystemError {
    SystemError(call: "wait for", object: lane, errno: ECANCELED)
  }

  fileprivate static func timeout(_ lane: String) -> SystemError {
    SystemError(call: "wait for", object: lane, errno: ETIMEDOUT, detail: "it does not answer")
  }

  /// A call did not return in the time that it had (ETIMEDOUT).
  public var isTimeout: Bool { errno == ETIMEDOUT }
}
