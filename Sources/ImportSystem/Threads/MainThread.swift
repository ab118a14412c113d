import CConcurrency
import Glibc
import Synchronization

/// Runs a program from its main thread.
///
/// Swift's own asynchronous `main` ends the main thread on Linux and leaves a thread behind that blocks no signal, so
/// that SIGTERM would end the process before anybody could read it from a descriptor.
public enum MainThread {
  /// Takes Swift's tasks over from libdispatch (``TaskThreads``). To be called once, before anything else.
  public static func prepare() {
    do throws(SystemError) {
      try TaskThreads.takeOver()
    } catch {
      preconditionFailure("no thread to run on: \(error)")
    }
  }

  /// Performs `body` and returns what it returns; the main thread sleeps meanwhile.
  public static func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let result = Result<Value>()
    Task { result.set(await body()) }
    return result.wait()
  }

  /// Ends the process at once. Not exit(3): its handlers take away what threads that nobody waits for still use, as OpenSSL's
  /// locks from the thread that closes connections, and a run that had done everything would end with a signal.
  public static func end(status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }

  private final class Result<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = Semaphore()

    func set(_ new: Value) {
      value.withLock { $0 = new }
      done.signal()
    }

    func wait() -> Value {
      done.wait()
      guard let value = value.withLock({ $0 }) else {
        preconditionFailure("the value is set before the signal")
      }
      return value
    }
  }
}

/// Runs the program's Swift tasks on a few threads of our own.
///
/// Swift's default executor on Linux is libdispatch, which, once anything has run on it, wakes up every second to look
/// after its pool; a daemon that promises to make no system call while idle cannot use it. A preference for another
/// executor (`Task(executorPreference:)`) would have to be named by every unstructured task, and makes a task leave its
/// actor's thread on the way into a suspending function.
///
/// A job that makes another one ready mostly ends right after that, as a task does that steps into an actor. So the
/// thread on which it runs takes the next job itself, and no other is woken for it: waking costs more than most jobs
/// do. Only one job is kept like that; for the second one another thread is woken. Nothing may block on these threads,
/// so whatever is kept does not wait for long.
@safe public enum TaskThreads {
  private static let count = 2
  private static let queue = JobQueue(name: "haplo-tasks", threads: count)

  /// Takes the place of libdispatch for this process, with two threads called `haplo-tasks`. Must be called once, before the
  /// first task is started.
  public static func takeOver() throws(SystemError) {
    try queue.startThreads({ haplo_begin_keeping() }, takesOneMore: { haplo_take_kept() })
    unsafe haplo_take_over_global_executor { job in
      let number = UInt(bitPattern: job)
      TaskThreads.queue.add(isKept: haplo_keep()) {
        unsafe haplo_run_job(UnsafeMutableRawPointer(bitPattern: number))
      }
    }
  }
}

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
