/// A problem at one place of a file of an export set.
public struct ValidationFinding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable {
    /// The server's job surely fails or silently loses data, so the set is not sent.
    case error
    /// The job runs, but perhaps not as it was meant.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// Line, from 1; a problem of the file as a whole is reported at its beginning.
  public var line: Int
  /// Column in bytes, from 1.
  public var column: Int
  /// The problem, without the place; never a value of the data.
  public var message: String

  /// Makes a finding at a place.
  public init(_ severity: Severity, line: Int = 1, column: Int = 1, _ message: String) {
    self.severity = severity
    self.line = line
    self.column = column
    self.message = message
  }

  /// Makes an error from a finding about a text.
  public init(_ finding: TextFinding) {
    self.init(.error, line: finding.line, column: finding.column, finding.message)
  }

  /// Makes a finding at a place.
  public init(_ severity: Severity, _ place: TextPlace, _ message: String) {
    self.init(severity, line: place.line, column: place.column, message)
  }

  /// The finding as one line: `PATH:LINE:COLUMN: error: …`.
  public func text(for path: String) -> String {
    "\(path):\(line):\(column): \(severity.rawValue): \(message)"
  }
}
