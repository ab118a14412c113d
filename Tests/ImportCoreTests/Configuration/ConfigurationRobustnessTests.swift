import ImportCore
import Testing

/// Texts that nobody would write must end in findings, not in a trap.
@Suite struct ConfigurationRobustnessTests {
  /// SplitMix64, so that a failure can be had again.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  private static let pieces = [
    "[", "]", "Server", "Source ", "Daemon", "hr", "\n", "\n", "=", "URL", "https://", "[::1]", ":", "/",
    "//", "@",
    "File.", "*", "[a-", "%", "%s", "\\", "#", "\u{301}", "\r\n", "\0", "é", "Mode", "import", "QuietSec",
    "5",
    "min", ".", "99999999999999999999", "infinity", "Directory", "/srv", "..", " ", "Proxy", "http://", "-",
    "'",
  ]

  @Test(arguments: 0..<20)
  func `any text is read to its end, and every finding is in it`(seed: Int) {
    var random = Seeded(state: UInt64(seed))
    for _ in 0..<200 {
      let text = (0..<40).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
      let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).count
      do {
        let configuration = try Sample.parse(text)
        #expect(!configuration.server.url.isEmpty && !configuration.sources.isEmpty)
      } catch {
        #expect(error.findings.contains { $0.severity == .error })
        #expect(error.findings.allSatisfy { (1...lines).contains($0.line) }, "\(text)")
      }
    }
  }
}
