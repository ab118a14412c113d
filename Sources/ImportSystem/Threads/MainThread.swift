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
    Task {
      result.set(await body())
    }
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
