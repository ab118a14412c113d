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

  /// Describes a finding.
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

  /// Takes what was found.
  public init(findings: [ConfigurationFinding]) { self.findings = findings }

  /// One finding a line.
  public var description: String { findings.map(\.description).joined(separator: "\n") }
}
