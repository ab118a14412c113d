/// A few threads for everything that blocks: reading, hashing, copying, syncing. The threads of Swift's own
/// pool are as many as the processor has cores, and one that sleeps in the kernel is missing from them.
///
/// Domains: `queue` is guarded by its mutex; callers and workers meet nowhere else.
public final class WorkerPool: Sendable {
  private let queue = JobQueue()

  /// Starts `threads` threads called `name`. They end when the pool is no longer referred to and its work is
  /// done.
  public init(name: String, threads: Int) throws(SystemError) {
    let queue = self.queue
    for _ in 0..<threads { try NamedThread.start(name) { queue.work() } }
    queue.setThreads(threads)
  }

  deinit { queue.close() }

  /// Performs `body` on one of the threads, in the order of asking; nobody waits.
  public func start(_ body: @escaping @Sendable () -> Void) { queue.add(body) }

  /// Performs `body` on one of the threads, in the order of asking, and returns or throws what it does. Work that
  /// has begun is not interrupted by cancellation; long work looks at a flag of its own.
  public func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      queue.add { continuation.resume(returning: Result { () throws(Failure) in try body() }) }
    }
    return try result.get()
  }
}
