import Glibc

/// Calls into the system until it is not interrupted by a signal, and turns -1 into a typed error.
/// Every use of errno in this module goes through here. Not for close(2), which must not be repeated.
@discardableResult
func systemCall<Result: FixedWidthInteger & SignedInteger>(
  _ call: String, _ object: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = body()
    if result >= 0 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call: call, object: object(), errno: code) }
  }
}

/// Sets a name in quotes for an error's text.
func quoted(_ name: String) -> String { "'\(name)'" }

/// Owns one file descriptor and closes it at the end of its life.
struct Descriptor: ~Copyable, Sendable {
  let number: Int32

  /// Takes over `number`, which nobody else may close.
  init(owning number: Int32) { self.number = number }

  /// An error of close(2) is of no use here: what must last was synced before.
  deinit { _ = close(number) }
}

/// A descriptor that is closed when nobody has it any more.
final class SharedDescriptor: Sendable {
  let descriptor: Descriptor

  /// Takes over `number`, which nobody else may close.
  init(owning number: Int32) { descriptor = Descriptor(owning: number) }
}

extension timespec {
  /// Nanoseconds since 1970. A file system may store any number of seconds; one that does not fit (before 1677, after 2262) is
  /// the nearest that does.
  var nanoseconds: Int64 {
    let (seconds, overflow) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isTooMuch) = seconds.addingReportingOverflow(Int64(tv_nsec))
    return overflow || isTooMuch ? (tv_sec < 0 ? .min : .max) : sum
  }
}
