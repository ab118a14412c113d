/// 128 bits that stand for a server's URL, a control file, and the data files under their keys. They are mixed from
/// SHA-256 digests, so that two different contents share them by chance only once in 2^128. An exporter that computes
/// a collision deceives only the comparison of its own sets.
public struct ContentFingerprint: Hashable, Sendable {
  private var high: UInt64
  private var low: UInt64

  /// Mixes what a set stands for. The order of the files does not matter.
  public init(_ manifest: Manifest, server: String) {
    (high, low) = (Self.hash("server"), Self.hash(server))
    add(manifest.control.sha256, as: "control file")
    for file in manifest.files { add(file.content.sha256, as: "file " + file.key) }
  }

  /// Reads 32 hexadecimal digits; nil for anything else.
  init?(hex: Substring) {
    guard hex.utf8.count == 32, let high = UInt64(hex.prefix(16), radix: 16),
      let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  /// As 32 hexadecimal digits.
  public var hex: String { Self.digits(high) + Self.digits(low) }

  private mutating func add(_ digest: SHA256Digest, as key: String) {
    high &+= Self.mixed(Self.hash(key + "\u{0}" + digest.hex))
    low &+= Self.mixed(Self.hash(digest.hex + "\u{0}" + key))
  }

  /// FNV-1a, which is the same on every machine and in every run.
  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The last step of SplitMix64: sums of FNV hashes alone would be too regular.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  private static func digits(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
