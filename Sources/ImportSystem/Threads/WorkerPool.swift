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
