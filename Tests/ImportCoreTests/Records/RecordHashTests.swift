import ImportCore
import Testing

@Suite struct RecordHashTests {
  /// The vectors that the authors of SipHash publish: for the bytes 0, 1, 2, … of each length.
  @Test(
    arguments: [
      (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a),
      (7, 0xab02_00f5_8b01_d137), (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
    ] as [(UInt8, UInt64)])
  func `it is SipHash-2-4`(length: UInt8, hash: UInt64) {
    #expect(RecordHash(0..<length).value == hash)
  }

  @Test func `pieces make no difference`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let whole = RecordHash(bytes).value
    for size in 1...99 {
      var hash = RecordHash()
      bytes.withUnsafeBytes { buffer in
        for start in stride(from: 0, to: 100, by: size) { hash.take(buffer, start..<min(start + size, 100)) }
      }
      #expect(hash.value == whole)
    }
  }
}
