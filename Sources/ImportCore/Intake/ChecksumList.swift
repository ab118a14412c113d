/// A `SHA256SUMS` file as sha256sum(1) of coreutils writes it: digest, space, space or `*`, name; a line that
/// begins with `\` has `\n`, `\r` and `\\` in its name. Lines may end with CR and LF.
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
  /// Findings that are kept; more of them help nobody.
  private static let mostFindings = 100

  /// The lines in order, without those that name litter.
  public var entries: [Entry] = []
  /// Lines that are no such lines, paths that lead out of the folder, and names that stand twice with different digests.
  public var findings: [TextFinding] = []

  /// Reads a whole list.
  public init(_ bytes: [UInt8]) {
    var digests: [ExactText: SHA256Digest] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if text.isEmpty { continue }
      switch Self.entry(text, number: index + 1) {
      case .failure(let problem): note(index + 1, problem.text)
      case .success(let entry):
        let known = digests.updateValue(entry.digest, forKey: ExactText(entry.name))
        if let known, known != entry.digest {
          note(index + 1, "'\(entry.name.shown)' is listed with two digests")
        }
        if !Litter.contains(path: entry.name) { entries.append(entry) }
      }
    }
  }

  private mutating func note(_ line: Int, _ message: String) {
    guard findings.count < Self.mostFindings else { return }
    findings.append(TextFinding(line: line, column: 1, message: message))
  }

  private struct Problem: Error {
    let text: String
  }

  private static func entry(_ line: ArraySlice<UInt8>, number: Int) -> Result<Entry, Problem> {
    let isEscaped = line.first == UInt8(ascii: "\\")
    let text = isEscaped ? line.dropFirst() : line
    let hex = String(decoding: text.prefix(64), as: UTF8.self).lowercased()
    let rest = text.dropFirst(64)
    guard let digest = SHA256Digest(hex: hex), rest.starts(with: "  ".utf8) || rest.starts(with: " *".utf8),
      rest.count > 2
    else {
      return .failure(
        Problem(text: "not a line of sha256sum: 64 hexadecimal digits, two spaces, a file's name"))
    }
    guard let written = String(validating: rest.dropFirst(2), as: UTF8.self),
      let path = isEscaped ? unescaped(written) : written
    else { return .failure(Problem(text: "the file's name is not UTF-8, or has an unknown escape")) }
    return relative(path).map { Entry(name: $0, digest: digest, line: number) }
  }

  /// The path within the list's folder, without `./`.
  private static func relative(_ path: String) -> Result<String, Problem> {
    let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.filter {
      $0 != "."
    }
    if path.utf8.first == UInt8(ascii: "/") {
      return .failure(
        Problem(
          text: "'\(path.shown)' is an absolute path; run sha256sum inside the folder, with relative names"))
    }
    if parts.isEmpty || parts.contains("..") {
      return .failure(
        Problem(text: "'\(path.shown)' leads out of the folder; run sha256sum inside it, with relative names")
      )
    }
    return .success(parts.joined(separator: "/"))
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
