import CSystemd
import Glibc
import Synchronization

/// Tells the service manager how it goes (sd_notify(3)). Without one (`NOTIFY_SOCKET` unset) everything here does
/// nothing.
public enum ServiceManager {
  /// Sends lines such as `READY=1`, in the order of the calls, and does not wait for it. A manager that cannot be reached, or
  /// does not listen, is no reason to stop.
  public static func notify(_ lines: [String]) {
    guard isPresent else { return }
    teller.add(lines)
  }

  /// Waits until all was sent, but no longer than a second: at the end of the program.
  public static func finish() {
    guard isPresent else { return }
    teller.finish(within: 1_000_000_000)
  }

  /// True if a service manager listens.
  public static var isPresent: Bool {
    guard let value = unsafe getenv("NOTIFY_SOCKET") else { return false }
    return unsafe value.pointee != 0
  }

  /// How long the service manager waits for a sign of life, in microseconds; nil if it does not watch this process
  /// (sd_watchdog_enabled(3)).
  public static var watchdogMicroseconds: UInt64? {
    var microseconds: UInt64 = 0
    return unsafe sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds : nil
  }

  private static let teller = Teller()
}

/// Sends messages to the service manager on a thread of its own: sd_notify(3) waits until the manager has room for one more,
/// and one that is frozen or very busy must not keep sets from being delivered.
private final class Teller: Sendable {
  private struct State {
    var messages: [[String]] = []
    var hasThread = false
    /// Signalled once nothing is left to send.
    var enders: [Semaphore] = []
    var isSending = false
  }

  private let state = Mutex(State())
  private let ready = Semaphore()

  /// Of messages that only say how it stands the newest is enough: as many as wait are few.
  func add(_ lines: [String]) {
    let needsThread = state.withLock { state in
      if lines.count == 1, let name = Self.name(lines) {
        state.messages.removeAll { $0.count == 1 && Self.name($0) == name }
      }
      state.messages.append(lines)
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if needsThread { startThread() }
    ready.signal()
  }

  func finish(within nanoseconds: Int64) {
    let ender = Semaphore()
    let isDone = state.withLock { state in
      if state.messages.isEmpty, !state.isSending { return true }
      state.enders.append(ender)
      return false
    }
    if !isDone { ender.wait(until: TimerThread.now + nanoseconds) }
  }

  /// Where the system has no thread to give, the next message tries again.
  private func startThread() {
    do { try NamedThread.start("haplo-notify") { [self] in run() } } catch {
      state.withLock { $0.hasThread = false }
    }
  }

  private static func name(_ lines: [String]) -> Substring? { lines.first?.prefix { $0 != "=" } }

  private func run() {
    while true {
      ready.wait()
      guard let lines = take() else { continue }
      _ = unsafe sd_notify(0, lines.joined(separator: "\n"))
      for ender in sent() { ender.signal() }
    }
  }

  private func take() -> [String]? {
    state.withLock { state in
      guard !state.messages.isEmpty else { return nil }
      state.isSending = true
      return state.messages.removeFirst()
    }
  }

  private func sent() -> [Semaphore] {
    state.withLock { state in
      state.isSending = false
      guard state.messages.isEmpty else { return [] }
      defer { state.enders = [] }
      return state.enders
    }
  }
}
