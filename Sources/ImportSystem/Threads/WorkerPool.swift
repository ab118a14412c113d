import Synchronization

/// A few threads for everything that blocks: reading, hashing, copying, syncing. The threads of Swift's own
/// pool are as many as the processor has cores, and one that sleeps in the kernel is missing from them.
///
/// Domains: `queue` is guarded by its mutex; callers and workers meet nowhere else.
public final class WorkerPool: Sendable {
  private let queue = Queue()

  /// Starts `threads` threads called `name`. They end when the pool is no longer referred to and its work is
  /// done.
  public init(name: String, threads: Int) throws(SystemError) {
    let queue = self.queue
    for _ in 0..<threads { try NamedThread.start(name) { queue.work() } }
    queue.setThreads(threads)
  }

  deinit { queue.close() }

  /// Performs `body` on one of the threads, in the order of asking, and returns or throws what it does. Work that
  /// has begun is not interrupted by cancellation; long work looks at a flag of its own.
  public func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      queue.add {
        do throws(Failure) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}

/// The work that waits, outliving the pool until its threads have ended.
private final class Queue: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var first = 0
    var threads = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let ready = Semaphore()

  func setThreads(_ count: Int) { state.withLock { $0.threads = count } }

  func add(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    ready.signal()
  }

  /// Lets each thread end once it finds nothing left to do.
  func close() {
    let threads = state.withLock { state in
      state.isClosed = true
      return state.threads
    }
    for _ in 0..<threads { ready.signal() }
  }

  /// Does what comes until the pool is closed: the life of one thread.
  func work() {
    while true {
      ready.wait()
      guard let job = take() else { return }
      job()
    }
  }

  private func take() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard state.first < state.jobs.count else { return nil }
      let job = state.jobs[state.first]
      state.first += 1
      if state.first == state.jobs.count || state.first > 1000 {
        state.jobs.removeFirst(state.first)
        state.first = 0
      }
      return job
    }
  }
}
