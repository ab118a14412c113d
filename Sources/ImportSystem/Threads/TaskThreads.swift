/// Runs Swift tasks on a few threads of our own.
///
/// Swift's default executor on Linux is libdispatch, which, once anything has run on it, wakes up every second to look
/// after its pool. A daemon that promises to make no system call while idle cannot use it.
public final class TaskThreads: TaskExecutor {
  /// The threads that the whole program's tasks run on: ``MainThread/run(_:)`` starts the first task here, children
  /// inherit the preference, and an unstructured task must name it.
  public static let shared = TaskThreads(name: "haplo-tasks", threads: 2)

  private let queue = JobQueue()

  private init(name: String, threads: Int) {
    let queue = self.queue
    for _ in 0..<threads {
      do { try NamedThread.start(name) { queue.work() } } catch {
        preconditionFailure("no thread to run on: \(error)")
      }
    }
    queue.setThreads(threads)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.add { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
