public import ImportCore

/// A finding with the path of its file.
public struct FileFinding: Hashable, Sendable, Encodable {
  /// The file: a path as the caller gave it, or the name in the set.
  public var path: String
  /// The problem and its place.
  public var finding: ValidationFinding

  /// Makes the finding of a file.
  public init(_ path: String, _ finding: ValidationFinding) {
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

/// The errors of a set's files, of which a rejection tells the first twenty and the number of the others.
struct FileErrors {
  private var lines: [String] = []
  private var more = 0

  /// True without errors.
  var isEmpty: Bool { lines.isEmpty }

  /// Adds the errors of one file.
  mutating func add(_ path: String, _ findings: ValidationFindings) {
    guard findings.hasErrors else { return }
    for error in findings.errors.prefix(findings.errorCount - findings.droppedErrors) {
      if lines.count < ValidationFindings.limit {
        lines.append(FileFinding(path, error).line)
      } else {
        more += 1
      }
    }
    more += findings.droppedErrors
  }

  /// The reason of the rejection.
  var reason: Reason {
    let rest = more > 0 ? ["and \(more) more error\(more == 1 ? "" : "s")"] : []
    return Reason(
      (lines + rest).joined(separator: "\n"),
      remedy:
        "correct the export and drop the set again; 'haplo-importd check' validates a set before it is dropped"
    )
  }
}
