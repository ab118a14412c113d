import CLinux
import Glibc

/// Receives signals through a descriptor (signalfd(2)), so that no code runs in a signal handler.
public struct SignalReader: ~Copyable, Sendable {
  private let owned: Descriptor

  /// Opens a descriptor for `signals`, and blocks them for this thread. Every other thread must have them blocked too
  /// (``block(_:)`` on the main thread, before any other is started), or it would take them.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    Self.block(signals)
    owned = Descriptor(
      owning: try systemCall("make", "a signalfd") {
        unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
      })
  }

  /// Blocks `signals` for this thread and all that it starts later.
  public static func block(_ signals: [Int32]) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Lets `signals` take their effect in this thread again, those too that have come meanwhile.
  public static func unblock(_ signals: [Int32]) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The descriptor, readable when a signal has come.
  public var descriptor: Int32 { owned.number }

  /// Takes the next signal that has come; nil when there is none.
  public func next() -> Int32? {
    var information = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard unsafe read(descriptor, &information, size) == size else { return nil }
    return Int32(information.ssi_signo)
  }

  /// Ignores `signal` in the whole process: SIGPIPE, since errors of writing are enough, and SIGIO, which the end
  /// of a file lease would otherwise kill us with.
  public static func ignore(_ signal: Int32) { _ = haplo_ignore_signal(signal) }
}
