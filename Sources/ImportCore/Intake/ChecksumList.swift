/// A `SHA256SUMS` file as sha256sum(1) of coreutils writes it: digest, space, space or `*`, name; a line that
/// begins with `\` has `\n`, `\r` and `\\` in its name.
public struct ChecksumList: Hashable, Sendable {
  /// One line.
  public struct Entry: Hashable, Sendable {
    /// The file, relative to the list's own folder, without any leading `./`.
    public var name: String
    /// What its digest should be.
    public var digest: SHA256Digest
    /// The line it stands in.
    public var line: Int
  }

  /// A list with more bytes than this is refused unread.
  public static let largest = 16 << 20

  /// The lines in order.
  public var entries: [Entry]
  /// Lines that are no such lines, and names that stand twice with different digests.
  public var findings: [TextFinding]

  /// Reads a whole list.
  public init(_ bytes: [UInt8]) {
    entries = []
    findings = []
    var digests: [ExactText: SHA256Digest] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      guard let entry = Self.entry(line, number: index + 1) else {
        note(index + 1, "not a line of sha256sum: 64 hexadecimal digits, two spaces, a file's name")
        continue
      }
      let known = digests.updateValue(entry.digest, forKey: ExactText(entry.name))
      if let known, known != entry.digest { note(index + 1, "'\(entry.name)' stands here with two digests") }
      entries.append(entry)
    }
  }

  private mutating func note(_ line: Int, _ message: String) {
    findings.append(TextFinding(line: line, column: 1, message: message))
  }

  private static func entry(_ line: ArraySlice<UInt8>, number: Int) -> Entry? {
    let isEscaped = line.first == UInt8(ascii: "\\")
    let text = isEscaped ? line.dropFirst() : line
    let hex = String(decoding: text.prefix(64), as: UTF8.self).lowercased()
    let rest = text.dropFirst(64)
    guard let digest = SHA256Digest(hex: hex), rest.starts(with: "  ".utf8) || rest.starts(with: " *".utf8),
      let written = String(validating: rest.dropFirst(2), as: UTF8.self),
      let name = withoutDotSlash(isEscaped ? unescaped(written) : written), !name.isEmpty
    else { return nil }
    return Entry(name: name, digest: digest, line: number)
  }

  private static func withoutDotSlash(_ name: String?) -> String? {
    guard var rest = name.map({ Substring($0) }) else { return nil }
    while rest.utf8.starts(with: "./".utf8) { rest = rest[rest.utf8.index(rest.startIndex, offsetBy: 2)...] }
    return String(rest)
  }

  private static func unescaped(_ name: String) -> String? {
    var result = ""
    var characters = name.unicodeScalars.makeIterator()
    while let character = characters.next() {
      guard character == "\\" else {
        result.unicodeScalars.append(character)
        continue
      }
      switch characters.next() {
      case "n": result += "\n"
      case "r": result += "\r"
      case "\\": result += "\\"
      default: return nil
      }
    }
    return result
  }
}
