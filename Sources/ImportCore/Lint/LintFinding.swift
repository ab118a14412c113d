/// Something about one place of a file of an export set that its exporter should know.
public struct LintFinding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable {
    /// The server's job surely fails, so the set is not sent.
    case error
    /// The job runs, but perhaps not as it was meant.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// Line, the first being 1; what is about the file as a whole stands at its beginning.
  public var line: Int
  /// Column in bytes, the first being 1.
  public var column: Int
  /// What is the matter, without the place; never a value of the data.
  public var message: String

  /// Takes a place and what is the matter there.
  public init(_ severity: Severity, line: Int = 1, column: Int = 1, _ message: String) {
    self.severity = severity
    self.line = line
    self.column = column
    self.message = message
  }

  /// Takes over what is wrong with a text.
  public init(_ finding: TextFinding) {
    self.init(.error, line: finding.line, column: finding.column, finding.message)
  }

  /// The finding as one line: `PATH:LINE:COLUMN: error: …`.
  public func text(for path: String) -> String {
    "\(path):\(line):\(column): \(severity.rawValue): \(message)"
  }
}

/// The findings about one file: the first hundred of them, so that no file can fill the memory, and how many more.
public struct LintFindings: Hashable, Sendable {
  /// How many are kept of one file.
  public static let most = 100

  /// The findings kept, in the order in which they were made.
  public private(set) var list: [LintFinding] = []
  /// How many were not kept.
  public private(set) var dropped = 0
  /// True if there is an error among them, kept or not.
  public private(set) var hasErrors = false

  /// Begins with none.
  public init() {}

  /// Adds one. An error always finds its place, for there are few of them in a file.
  public mutating func add(_ finding: LintFinding) {
    hasErrors = hasErrors || finding.severity == .error
    if list.count < Self.most || finding.severity == .error { list.append(finding) } else { dropped += 1 }
  }
}
