/// Names one exporting system, as in `[Source NAME]`: a letter or digit, then up to 63 more of
/// `[A-Za-z0-9_.-]`, so that it can stand as a folder's name and inside a set's id.
public struct SourceName: Hashable, Sendable, CustomStringConvertible {
  /// The name as the administrator wrote it.
  public let text: String

  /// Takes a name that keeps the rule; nil for any other.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 64, isLetterOrDigit(first) else { return nil }
    guard bytes.allSatisfy({ isLetterOrDigit($0) || "_.-".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  public var description: String { text }
}

extension SourceName: Comparable {
  public static func < (left: SourceName, right: SourceName) -> Bool { left.text < right.text }
}

/// True for the ASCII letters and digits only, whatever the locale.
func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}
