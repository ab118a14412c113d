/// A hash of a field's name that grows byte by byte (FNV-1a, 64 bits). Names are compared by it, so that none need be
/// kept. Two names with the same hash cost a wrong or a missing warning, nothing else.
struct FieldNameHash: Hashable, Sendable {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func take(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  @inline(__always)
  mutating func take(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    var hash = self
    for at in range { hash.take(bytes[at]) }
    self = hash
  }

  /// Begins a name.
  init() {}

  /// Hashes a whole name.
  init(_ name: some Sequence<UInt8>) {
    for byte in name { take(byte) }
  }
}
