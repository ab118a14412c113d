import CLinux
import Glibc

/// A latch that a thread sleeping in poll(2) can be woken by (eventfd(2)).
struct WakeUp: ~Copyable, Sendable {
  private let owned: Descriptor

  init() throws(SystemError) {
    owned = Descriptor(
      owning: try systemCall("make", "an eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
  }

  var descriptor: Int32 { owned.number }

  /// Makes the descriptor readable until ``clear()``; repeating changes nothing.
  func signal() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Makes the descriptor unreadable again.
  func clear() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}
