/// Something that is wrong with the configuration, or odd, and where.
public struct ConfigurationFinding: Hashable, Sendable, CustomStringConvertible {
  /// How bad it is: nothing starts with an error; a warning is only said.
  public enum Severity: String, Hashable, Sendable {
    case error
    case warning
  }

  public let severity: Severity
  /// The file's path.
  public let file: String
  /// The line, counted from 1.
  public let line: Int
  /// What is wrong, and what to do.
  public let message: String

  public init(_ severity: Severity, file: String, line: Int, message: String) {
    self.severity = severity
    self.file = file
    self.line = line
    self.message = message
  }

  /// `FILE:LINE: error: …`, as compilers write it and editors read it.
  public var description: String { "\(file):\(line): \(severity.rawValue): \(message)" }
}

/// All that is wrong with a configuration, in the order of files and lines; there is at least one error.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// The errors, with the warnings among them.
  public let findings: [ConfigurationFinding]

  public init(findings: [ConfigurationFinding]) { self.findings = findings }

  /// One finding a line.
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}

/// Guesses which word was meant.
public enum Spelling {
  /// Says that there is no such source, and which one was meant, or which there are.
  public static func noSource(_ name: String, among sources: [SourceSettings]) -> String {
    let names = sources.map(\.name.text)
    let hint = hint(for: name, among: names)
    let shown = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : "")
    return "there is no source '\(name)' in the configuration" + (hint.isEmpty ? "; it has: \(shown)" : hint)
  }

  /// The candidate nearest to `word`, if one is near: as many as a third of its letters, and two at least,
  /// may be missing, wrong, too many or swapped with the next, whatever the case; or it is a beginning.
  public static func nearest(to word: String, among candidates: [String]) -> String? {
    let small = Array(word.lowercased().unicodeScalars)
    guard !small.isEmpty else { return nil }
    let bound = small.count < 4 ? 1 : max(2, small.count / 3)
    let rated = candidates.map {
      (name: $0, distance: distance(small, Array($0.lowercased().unicodeScalars)))
    }
    if let best = rated.min(by: { $0.distance < $1.distance }), best.distance <= bound { return best.name }
    let longer = candidates.filter { $0.lowercased().hasPrefix(word.lowercased()) }
    return small.count >= 3 && longer.count == 1 ? longer.first : nil
  }

  /// `; did you mean 'NAME'?`, or nothing when no candidate is near.
  public static func hint(for word: String, among candidates: [String], suffix: String = "") -> String {
    nearest(to: word, among: candidates).map { "; did you mean '\($0)\(suffix)'?" } ?? ""
  }

  /// Edit distance in which a swap of neighbours counts once (optimal string alignment).
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var previous: [Int] = []
    var current = Array(0...right.count)
    for row in 0..<left.count {
      let before = previous
      previous = current
      current = [row + 1]
      for column in 0..<right.count {
        let isSame = left[row] == right[column]
        var best = min(previous[column] + (isSame ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, before[column - 1] + 1)
        }
        current.append(best)
      }
    }
    return current[right.count]
  }
}
