import CSystemd
import Glibc

/// Tells the service manager how it goes (sd_notify(3)). Without one (`NOTIFY_SOCKET` unset) everything here does
/// nothing.
public enum ServiceManager {
  /// Sends lines such as `READY=1`. A manager that cannot be reached is no reason to stop.
  public static func notify(_ lines: [String]) {
    _ = unsafe sd_notify(0, lines.joined(separator: "\n"))
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
}
