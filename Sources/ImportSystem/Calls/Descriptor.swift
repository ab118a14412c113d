import Glibc

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
