/// A 64-bit hash of bytes that come piece by piece: SipHash-2-4 with the key of its reference vectors, so that it is the
/// same on every machine, in every run and in every version. Record keys and contents are compared by it. Two of a
/// million different keys share a hash by chance once in 37 million files. An exporter who computes a collision deceives
/// only the comparison of its own sets.
public struct RecordHash: Sendable {
  private var v0: UInt64 = 0x736f_6d65_7073_6575 ^ 0x0706_0504_0302_0100
  private var v1: UInt64 = 0x646f_7261_6e64_6f6d ^ 0x0f0e_0d0c_0b0a_0908
  private var v2: UInt64 = 0x6c79_6765_6e65_7261 ^ 0x0706_0504_0302_0100
  private var v3: UInt64 = 0x7465_6462_7974_6573 ^ 0x0f0e_0d0c_0b0a_0908
  private var word: UInt64 = 0
  private var count: UInt64 = 0

  public init() {}

  /// True while there are no bytes.
  public var isEmpty: Bool { count == 0 }

  /// Appends a byte.
  @inline(__always)
  public mutating func take(_ byte: UInt8) {
    word |= UInt64(byte) << (8 * (count & 7))
    count &+= 1
    if count & 7 == 0 {
      absorb(word)
      word = 0
    }
  }

  /// Appends a range of bytes.
  @inline(__always)
  public mutating func take(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    var at = range.lowerBound
    while at < range.upperBound, count & 7 != 0 {
      take(bytes[at])
      at += 1
    }
    while at + 8 <= range.upperBound {
      absorb(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      count &+= 8
      at += 8
    }
    while at < range.upperBound {
      take(bytes[at])
      at += 1
    }
  }

  public init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { take(byte) }
  }

  /// The hash of all bytes so far.
  public var value: UInt64 {
    var end = self
    end.absorb(word | count << 56)
    end.v2 ^= 0xff
    for _ in 0..<4 { end.round() }
    return end.v0 ^ end.v1 ^ end.v2 ^ end.v3
  }

  /// A hash of two hashes, in this order.
  public static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
    finalized(first ^ finalized(second &+ 0x9e37_79b9_7f4a_7c15))
  }

  /// The last step of SplitMix64.
  private static func finalized(_ value: UInt64) -> UInt64 {
    var value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  @inline(__always)
  private mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v1 = (v1 << 13 | v1 >> 51) ^ v0
    v0 = v0 << 32 | v0 >> 32
    v2 &+= v3
    v3 = (v3 << 16 | v3 >> 48) ^ v2
    v0 &+= v3
    v3 = (v3 << 21 | v3 >> 43) ^ v0
    v2 &+= v1
    v1 = (v1 << 17 | v1 >> 47) ^ v2
    v2 = v2 << 32 | v2 >> 32
  }
}
