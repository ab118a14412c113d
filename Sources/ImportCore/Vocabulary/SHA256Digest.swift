/// A SHA-256 digest as Haplo writes it: 64 lower-case hexadecimal digits. The server compares digests
/// as text, and case matters there (PROTOCOL, `batch`), so only this one form exists.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 64 digits.
  public let hex: String

  /// Takes exactly 64 lower-case hexadecimal digits; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isLowerHexDigit) else { return nil }
    self.hex = String(hex)
  }

  /// Takes the 32 bytes that a hash function returns.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes, not \(bytes.count)")
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// A digest that no control file has. The server answers `Control file not found` for it, which
  /// proves address, key and permission without creating anything.
  public static let ofNothing = SHA256Digest(bytes: [UInt8](repeating: 0, count: 32))

  public var description: String { hex }

  private static func isLowerHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
