/// The character sets of the server (Java's) as far as this program can tell whether bytes belong to them.
public enum TextCharset: Hashable, Sendable {
  case utf8
  case ascii
  /// One byte a character, ASCII among them; some bytes may stand for nothing.
  case singleByte(undefined: Set<UInt8>)
  /// A name that Java may know, and this program does not.
  case unknown
  /// A name that no character set has.
  case impossible

  /// Finds the character set of a name. Case, and the signs in it, do not matter.
  public init(_ name: String) {
    let allowed = name.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2B, 0x2E, 0x3A, 0x5F].contains($0) }
    guard allowed, let first = name.utf8.first, isLetterOrDigit(first) else {
      self = .impossible
      return
    }
    let short = name.lowercased().filter { $0.isLetter || $0.isNumber }
    switch short {
    case "utf8", "unicode11utf8": self = .utf8
    case "usascii", "ascii", "iso646us", "ansix341968", "cp367", "ibm367": self = .ascii
    default: self = Self.singleByte(short)
    }
  }

  private static func singleByte(_ short: String) -> TextCharset {
    if let undefined = windows[short] ?? windows["windows" + short.dropFirst("cp".count)] {
      return .singleByte(undefined: undefined)
    }
    if complete.contains(short) { return .singleByte(undefined: []) }
    return .unknown
  }

  /// Microsoft's, with the bytes that stand for nothing.
  private static let windows: [String: Set<UInt8>] = [
    "windows1250": [0x81, 0x83, 0x88, 0x90, 0x98], "windows1251": [0x98],
    "windows1252": [0x81, 0x8D, 0x8F, 0x90, 0x9D],
    "windows1254": [0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E],
  ]

  /// Those in which every byte is a character.
  private static let complete: Set<String> = [
    "iso88591", "latin1", "l1", "iso885915", "latin9", "iso88592", "latin2", "iso88595", "iso88599", "latin5",
    "koi8r", "koi8u", "ibm437", "cp437", "ibm850", "cp850", "ibm852", "cp852",
  ]

  /// True if the byte alone can be no character.
  @inline(__always)
  func excludes(_ byte: UInt8) -> Bool {
    switch self {
    case .ascii: byte >= 0x80
    case .singleByte(let undefined): undefined.contains(byte)
    case .utf8, .unknown, .impossible: false
    }
  }
}
