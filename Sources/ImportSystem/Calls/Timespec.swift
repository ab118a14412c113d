import Glibc

extension timespec {
  /// Nanoseconds since 1970. A file system may store any number of seconds; one that does not fit (before 1677, after 2262) is
  /// the nearest that does.
  var nanoseconds: Int64 {
    let (seconds, overflow) = Int64(tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isTooMuch) = seconds.addingReportingOverflow(Int64(tv_nsec))
    return overflow || isTooMuch ? (tv_sec < 0 ? .min : .max) : sum
  }
}
