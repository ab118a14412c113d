/// Runs the jobs of one actor on a thread of its own, so that the actor may block in the kernel without taking a
/// thread from everybody else's tasks.
public final class ThreadExecutor: SerialExecutor {
  private let queue: JobQueue

  /// Starts the thread, called `name`. It ends when the executor is no longer referred to and its work is done.
  public init(name: String) throws(SystemError) {
    queue = JobQueue(name: name, threads: 1)
    try queue.startThreads()
  }

  deinit { queue.close() }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.add { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
