import CLinux
import Glibc
import Synchronization

/// Starts a thread of the operating system that shows its name in `ps -L` and `top -H`.
enum NamedThread {
  /// What a new thread is given: the name, and what to do.
  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts `body` on a thread of its own, with the same signals blocked as in the calling one. `name` is cut to 15 bytes. The thread ends when `body` returns; nobody waits for it.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    precondition(ThreadSupply.simulated == nil, "a simulated run starts no thread")
    let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        unsafe haplo_name_this_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    unsafe pthread_attr_destroy(&attributes)
    guard code != 0 else { return }
    unsafe start.release()
    throw SystemError(call: "start", object: "thread '\(name)'", errno: code)
  }
}

/// Stands in for the operating system's threads in a simulated run, where one scheduler on one thread decides which job runs
/// next.
public protocol SimulatedThreads: Sendable {
  /// Adds a job that one of `threads` threads of `queue` would perform. Jobs of a queue begin in the order of adding.
  func add(_ job: @escaping @Sendable () -> Void, to queue: ObjectIdentifier, threads: Int)
  /// Adds a loop that would wait for descriptors. `poll` handles those that are ready, without waiting, and returns false once
  /// the loop has ended.
  func add(poll: @escaping @Sendable () -> Bool)
  /// Returns when the simulated monotonic clock shows `deadline`, in nanoseconds, or when the task is cancelled.
  func sleep(until deadline: Int64) async
}

/// Says where threads come from: the operating system, except in a simulated run.
public enum ThreadSupply {
  private static let state = Mutex<(any SimulatedThreads)?>(nil)

  /// The simulation's scheduler; nil in every other program.
  static var simulated: (any SimulatedThreads)? { state.withLock { $0 } }

  /// Lets `threads` stand in for all threads of this process. Must be called before the first of them would be started.
  public static func simulate(_ threads: any SimulatedThreads) { state.withLock { $0 = threads } }
}

/// Counts what may go on, and lets threads sleep until something may (sem_overview(7)).
@safe final class Semaphore: @unchecked Sendable {
  // The kernel's own object is made for use by several threads; its address never changes.
  private let raw = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { _ = unsafe sem_init(raw, 0, 0) }

  deinit {
    _ = unsafe sem_destroy(raw)
    unsafe raw.deallocate()
  }

  /// Lets one waiting thread, or the next to come, go on.
  func signal() { _ = unsafe sem_post(raw) }

  /// The same, but no longer than until the monotonic clock shows `deadline`, in nanoseconds.
  func wait(until deadline: Int64) {
    while unsafe haplo_wait_until(raw, deadline) == EINTR {}
  }

  /// Sleeps until the count is above zero and takes one.
  func wait() {
    while unsafe sem_wait(raw) != 0 {}
  }
}
