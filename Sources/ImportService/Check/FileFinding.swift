public import ImportCore

/// A finding with the path of its file.
public struct FileFinding: Hashable, Sendable, Encodable {
  /// The file: a path as the caller gave it, or the name in the set.
  public var path: String
  /// What, and where.
  public var finding: LintFinding

  /// Takes both.
  public init(_ path: String, _ finding: LintFinding) {
    self.path = path
    self.finding = finding
  }

  /// `PATH:LINE:COLUMN: error: …`, control characters escaped.
  public var line: String { PrintableText.escaping(finding.text(for: path)) }

  private enum Key: String, CodingKey { case path, line, column, severity, message }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(path, forKey: .path)
    try container.encode(finding.line, forKey: .line)
    try container.encode(finding.column, forKey: .column)
    try container.encode(finding.severity.rawValue, forKey: .severity)
    try container.encode(finding.message, forKey: .message)
  }
}

extension Reason {
  /// Why a set is rejected whose files have these errors: the first twenty, and how many more.
  static func check(_ errors: [FileFinding]) -> Reason {
    let lines = errors.prefix(20).map(\.line)
    let more = errors.count > 20 ? ["and \(errors.count - 20) more errors"] : []
    return Reason(
      (lines + more).joined(separator: "\n"),
      remedy:
        "correct the files where they are made, and drop the set again; 'haplo-importd check' examines a set"
        + " before it is dropped")
  }
}
