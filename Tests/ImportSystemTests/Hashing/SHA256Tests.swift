import FoundationEssentials
import Glibc
import ImportSystem
import Testing

@Suite struct SHA256Tests {
  static let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)

  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func `digests are those of FIPS 180-4's examples`(text: String, times: Int, hex: String) {
    #expect(Self.hex(SHA256.digest(of: Array(String(repeating: text, count: times).utf8))) == hex)
  }

  @Test func `pieces give the digest of the whole`() {
    var hash = SHA256()
    for start in stride(from: 0, to: Self.million.count, by: 777) {
      let piece = Array(Self.million[start..<min(start + 777, Self.million.count)])
      piece.withUnsafeBytes { hash.update($0) }
    }
    #expect(hash.finish() == SHA256.digest(of: Self.million))
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

@Suite final class FileHashingTests {
  let folder = FileManager.default.temporaryDirectory.path() + "hashing-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
  func `a file's digest and size are those of its bytes`(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let (digest, counted) = try file(of: bytes).sha256(checking: { false })
    #expect(digest == SHA256.digest(of: bytes))
    #expect(counted == Int64(size))
  }

  @Test func `hashing ends at the next block once it is cancelled`() throws {
    let file = try file(of: [UInt8](repeating: 7, count: 4 << 20))
    var asked = 0
    let error = #expect(throws: SystemError.self) {
      try file.sha256 {
        asked += 1
        return asked == 3
      }
    }
    #expect(error?.isCancelled == true)
    #expect(asked == 3)
  }

  private func file(of bytes: [UInt8]) throws -> OpenFile {
    try Data(bytes).write(to: URL(filePath: folder + "/data"))
    return try FileSystem().openDirectory(folder).openForReading("data")
  }
}
