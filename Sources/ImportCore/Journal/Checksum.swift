/// CRC-32C (Castagnoli), which finds every burst of up to 32 wrong bits. Eight bytes are taken at a time ("slicing by
/// 8"): table `n` says what a byte comes to that `n` others follow.
enum Checksum {
  static func crc32c(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      tables.withUnsafeBufferPointer { tables in
        var value: UInt32 = ~0
        var at = 0
        while at + 8 <= bytes.count {
          let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
          value = eight(word ^ UInt64(value), tables)
          at += 8
        }
        while at < bytes.count {
          value = tables[Int((value ^ UInt32(bytes[at])) & 0xff)] ^ (value >> 8)
          at += 1
        }
        return ~value
      }
    }
  }

  @inline(__always)
  private static func eight(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
    var value: UInt32 = 0
    for place in 0..<8 {
      let byte = UInt8(truncatingIfNeeded: word >> (place * 8))
      let table = (7 - place) * 256
      value ^= tables[table + Int(byte)]
    }
    return value
  }

  private static let tables: [UInt32] = {
    var tables: [UInt32] = []
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
      tables.append(value)
    }
    for index in 256..<2048 {
      let before = tables[index - 256]
      tables.append(tables[Int(before & 0xff)] ^ (before >> 8))
    }
    return tables
  }()
}
