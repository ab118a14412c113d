import CLinux
import Glibc

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
