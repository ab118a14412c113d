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
