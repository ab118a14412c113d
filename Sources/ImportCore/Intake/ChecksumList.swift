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

extension ChecksumList {
  /// The line of a file as sha256sum(1) writes it, with its end.
  /// - Parameter digest: 64 hex digits.
  public static func line(_ digest: String, _ name: String) -> String {
    var escaped = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    let isEscaped = escaped.utf8.count != name.utf8.count
    return "\(isEscaped ? "\\" : "")\(digest)  \(escaped)\n"
  }
}

extension Completeness {
  /// What a set's `SHA256SUMS` promises.
  struct Sums {
    var entries: [ChecksumList.Entry] = []
    /// True if it has a digest for every data file, so that a match proves the set complete without any wait.
    var coversAll = false
  }

  /// Reads the set's list of digests; a set without one promises nothing.
  func sums(members: [String], files: [MappedFile], control: ControlFile) -> Result<Sums, Stop> {
    guard let entry = index[DropName.sums] else { return .success(Sums()) }
    guard let seen = evidence.sums, seen.identity == entry.status.identity else {
      return .failure(Stop(verdict: .needs(.sums)))
    }
    switch seen.value {
    case .unreadable(let obstacle):
      return .failure(Stop(verdict: .waiting(.init(findings: [obstacle.finding(prefix + DropName.sums)]))))
    case .read(let list):
      return list.findings.isEmpty ? promises(of: list, files, control) : refuseList(list, members)
    }
  }

  private func refuseList(_ list: ChecksumList, _ members: [String]) -> Result<Sums, Stop> {
    let findings = list.findings.map { IntakeFinding(prefix + DropName.sums, $0) }
    return .failure(Stop(verdict: refuse(mismatch(findings), findings: findings, members: members)))
  }

  private func promises(of list: ChecksumList, _ files: [MappedFile], _ control: ControlFile)
    -> Result<Sums, Stop>
  {
    let missing = list.entries.filter { index[$0.name]?.status.kind != .regular }.map {
      IntakeFinding(prefix + $0.name, "\(DropName.sums) lists it in line \($0.line), but it is missing")
    }
    let listed = Set(list.entries.map { ExactText($0.name) })
    let unlisted = files.filter { !listed.contains(ExactText($0.file)) }
    // With DEFAULT and no marker, the list alone says which files make the set.
    let isAlone = control.hasDefault && rules.markerFile == nil
    let unnamed =
      !isAlone
      ? []
      : unlisted.map {
        IntakeFinding(prefix + $0.file, "\(DropName.sums) does not list it", remedy: "list it, or remove it")
      }
    guard missing.isEmpty, unnamed.isEmpty else {
      return .failure(Stop(verdict: .waiting(.init(findings: missing + unnamed))))
    }
    return .success(Sums(entries: list.entries, coversAll: unlisted.isEmpty))
  }

  /// Compares the digests of all listed files; a list that is quiet and not true refuses the set.
  func compare(_ sums: Sums, members: [String]) -> Result<[ExactText: SHA256Digest], Stop> {
    let unknown = sums.entries.map(\.name).filter { digest(of: $0) == nil }
    guard unknown.isEmpty else { return .failure(Stop(verdict: .needs(.digests(unknown)))) }
    var findings: [IntakeFinding] = []
    var digests: [ExactText: SHA256Digest] = [:]
    for entry in sums.entries {
      switch digest(of: entry.name) {
      case .read(let digest) where digest == entry.digest: digests[ExactText(entry.name)] = digest
      case .unreadable(let obstacle): findings.append(obstacle.finding(prefix + entry.name))
      default:
        findings.append(
          IntakeFinding(
            prefix + entry.name,
            "its SHA-256 is not the one in \(DropName.sums), line \(entry.line)", isFinal: true))
      }
    }
    guard !findings.isEmpty else { return .success(digests) }
    return .failure(Stop(verdict: refuse(mismatch(findings), findings: findings, members: members)))
  }

  private func digest(of name: String) -> Content<SHA256Digest>? {
    guard let seen = evidence.digests[ExactText(name)], seen.identity == index[name]?.status.identity else {
      return nil
    }
    return seen.value
  }

  private func mismatch(_ findings: [IntakeFinding]) -> Reason {
    let lines = findings.prefix(10).map(\.line).joined(separator: "; ")
    return Reason(
      "\(DropName.sums) does not match: \(lines)",
      remedy: "find out where the files were damaged, and drop the set again with a true \(DropName.sums)")
  }
}
