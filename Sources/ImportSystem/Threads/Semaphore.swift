import CLinux
import Glibc

/// Counts what may go on, and lets threads sleep until something may (sem_overview(7)).
@safe final class Semaphore: @unchecked Sendable {
  // The kernel's own object is made for use by several threads; its address never changes.
  private let raw = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  /// Begins at zero.
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
