import CSystemd
import Glibc

/// Tells the service manager how it goes (sd_notify(3)). Without one (`NOTIFY_SOCKET` unset) everything here does
/// nothing.
public enum ServiceManager {
  /// Sends lines such as `READY=1`, in the order of the calls, and does not wait for it. A manager that cannot be reached, or
  /// does not listen, is no reason to stop.
  public static func notify(_ lines: [String]) {
    guard isPresent else { return }
    let variable = variable(lines)
    _ = teller.add(lines, size: 1) { variable != nil && Self.variable($0) == variable }
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

  /// Sends on a thread of its own: sd_notify(3) waits until the manager has room for one more message, and a manager that is
  /// frozen or very busy must not keep sets from being delivered.
  private static let teller = WriterThread<[String]>(name: "haplo-notify", items: 1000, bytes: .max) {
    lines in
    _ = unsafe sd_notify(0, lines.joined(separator: "\n"))
  }

  /// The variable of a message of one line, of which the newest is enough: it only says how it stands.
  private static func variable(_ lines: [String]) -> Substring? {
    lines.count == 1 ? lines.first?.prefix { $0 != "=" } : nil
  }
}
