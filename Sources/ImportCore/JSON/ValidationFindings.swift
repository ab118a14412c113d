/// The findings about one file. Only the first twenty are kept, errors before warnings, and the others are counted, so
/// that no file can fill the memory or the screen.
public struct ValidationFindings: Hashable, Sendable {
  /// Findings kept of one file.
  public static let limit = 20

  private var kept: [ValidationFinding] = []
  /// Errors among those kept.
  private var keptErrors = 0
  /// Errors that were not kept.
  public private(set) var droppedErrors = 0
  /// Warnings that were not kept.
  public private(set) var droppedWarnings = 0

  /// Begins with none.
  public init() {}

  /// True if there is no finding.
  public var isEmpty: Bool { kept.isEmpty }
  /// True if there is an error. One is always kept: errors displace warnings.
  public var hasErrors: Bool { keptErrors > 0 }
  /// Errors, kept or not.
  public var errorCount: Int { keptErrors + droppedErrors }

  /// The findings kept, in the order of their report, and a last one with the number of the others.
  public var list: [ValidationFinding] {
    let parts = [(droppedErrors, "error"), (droppedWarnings, "warning")].filter { $0.0 > 0 }.map {
      "\($0.0) more \($0.1)\($0.0 == 1 ? "" : "s")"
    }
    guard !parts.isEmpty else { return kept }
    let text = "and \(parts.joined(separator: " and ")), not listed"
    return kept + [ValidationFinding(droppedErrors > 0 ? .error : .warning, text)]
  }

  /// The errors among ``list``.
  public var errors: [ValidationFinding] { list.filter { $0.severity == .error } }

  /// Adds a finding. The message is made only if the finding is kept: there may be one for each record.
  mutating func add(
    _ severity: ValidationFinding.Severity, _ place: TextPlace, _ message: @autoclosure () -> String
  ) {
    if keptErrors == Self.limit || severity == .warning && kept.count == Self.limit {
      return count(errors: severity == .error ? 1 : 0, warnings: severity == .warning ? 1 : 0)
    }
    add(ValidationFinding(severity, place, message()))
  }

  /// Adds a finding.
  public mutating func add(_ finding: ValidationFinding) {
    if kept.count < Self.limit {
      if finding.severity == .error { keptErrors += 1 }
      return kept.append(finding)
    }
    guard finding.severity == .error else {
      droppedWarnings += 1
      return
    }
    guard let last = kept.lastIndex(where: { $0.severity == .warning }) else {
      droppedErrors += 1
      return
    }
    kept.remove(at: last)
    keptErrors += 1
    droppedWarnings += 1
    kept.append(finding)
  }

  /// Counts findings that were made but not kept.
  public mutating func count(errors: Int = 0, warnings: Int = 0) {
    droppedErrors += errors
    droppedWarnings += warnings
  }

  /// Adds all findings of another list about the same file.
  public mutating func add(_ others: ValidationFindings) {
    for finding in others.kept { add(finding) }
    droppedErrors += others.droppedErrors
    droppedWarnings += others.droppedWarnings
  }
}
