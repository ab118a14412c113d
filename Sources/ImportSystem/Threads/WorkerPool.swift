import Synchronization

/// A few threads for everything that blocks: reading, hashing, copying, syncing. The threads of Swift's own
/// pool are as many as the processor has cores, and one that sleeps in the kernel is missing from them.
///
/// Domains: `queue` is guarded by its mutex; callers and workers meet nowhere else.
public final class WorkerPool: Sendable {
  private let queue: JobQueue

  /// Starts `threads` threads called `name`. They end when the pool is no longer referred to and its work is
  /// done.
  public init(name: String, threads: Int) throws(SystemError) {
    queue = JobQueue(name: name, threads: threads)
    try queue.startThreads()
  }

  deinit { queue.close() }

  /// Performs `body` on one of the threads, in the order of calls, and returns or throws its result. Work that
  /// has begun is not interrupted by cancellation; long work checks a flag of its own.
  public func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      queue.add { continuation.resume(returning: Result { () throws(Failure) in try body() }) }
    }
    return try result.get()
  }

  /// Performs `body` on one of the threads, like ``run(_:)``, and returns nil as soon as the task is cancelled. A thread that hangs
  /// in the kernel then hangs alone; the result that `body` returns later is dropped, so it must be no more than a value.
  public func runAbandonable<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    try? await PendingCall.result(of: "a worker", grace: 0, add: { queue.add($0) }) { _ in body() }
  }
}

/// Threads for work that can take long or hang: reading large files, and everything on a directory that may be a network
/// mount. Each lane, one for each source, has a few threads of its own, so that one lane never waits for another. A thread is
/// started when there is work, and ends after ten seconds without any.
///
/// Domains: `lanes` is guarded by its mutex. It keeps one small object for each name that was ever used.
public final class LaneWorkers: Sendable {
  private let name: String
  private let threadsPerLane: Int
  private let lanes = Mutex<[String: JobQueue]>([:])

  /// Prepares threads called `name`; none is started.
  public init(name: String, threadsPerLane: Int = 2) {
    self.name = name
    self.threadsPerLane = threadsPerLane
  }

  /// Nanoseconds that cancelled work may take to end by itself. After that its caller goes on without it.
  public static let grace: Int64 = 2_000_000_000

  private static let idleTime: Int64 = 10_000_000_000

  /// Performs `body` on a thread of the lane, in the order of calls.
  ///
  /// - Parameters:
  ///   - lane: The name of the lane.
  ///   - limit: Nanoseconds after which the caller goes on without the result, counted from the call; nil: none.
  ///   - body: Learns through its argument when its result is not wanted any more. If it hangs in the kernel all the same, it
  ///     keeps its thread, and the caller goes on without it.
  /// - Throws: The error of `body`; ECANCELED (`isCancelled`) once the task is cancelled; ETIMEDOUT (`isTimeout`) after
  ///   `limit`; the system's refusal to start a thread.
  public func run<Value: Sendable>(
    in lane: String, within limit: Int64? = nil,
    _ body: @escaping @Sendable (WorkProgress) throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    let queue = lanes.withLock { lanes in
      let queue = lanes[lane] ?? JobQueue(name: name, threads: threadsPerLane)
      lanes[lane] = queue
      return queue
    }
    return try await PendingCall.result(
      of: lane, within: limit, grace: Self.grace,
      add: { (job) throws(SystemError) in try queue.add(startingThreadFor: Self.idleTime, job) }, body)
  }
}
