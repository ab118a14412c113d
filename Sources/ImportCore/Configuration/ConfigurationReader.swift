/// One file of the configuration as it was read: the main file or a drop-in.
public struct ConfigurationFile: Hashable, Sendable {
  /// Its path, for findings and origins.
  public let path: String
  public let text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// The directories that the process's environment names, as systemd sets it for a unit.
public struct ConfigurationEnvironment: Hashable, Sendable {
  /// `$STATE_DIRECTORY`, the default of `StateDirectory=`.
  public var stateDirectory: String?
  /// `$RUNTIME_DIRECTORY`, the default of `RuntimeDirectory=`.
  public var runtimeDirectory: String?
  /// `$CREDENTIALS_DIRECTORY`, where the API key is looked for as `api-key`.
  public var credentialsDirectory: String?
  /// The absolute path of the directory of the main file, where the API key is looked for without credentials; nil: not known.
  public var configurationDirectory: String?
  /// The name of the instance that the configuration is of, which has default directories of its own; nil: none.
  public var instance: String?
  /// True if there is a credential `outcome-key` with a key in it.
  public var hasOutcomeCredential = false
  /// True if the service will get the file `outcome-key` next to the installed configuration as a credential.
  public var hasOutcomeKeyBeside = false

  /// Takes the directories; without any, the defaults of haplo-importd.conf(5) hold.
  public init(
    stateDirectory: String? = nil, runtimeDirectory: String? = nil, credentialsDirectory: String? = nil
  ) {
    self.stateDirectory = stateDirectory
    self.runtimeDirectory = runtimeDirectory
    self.credentialsDirectory = credentialsDirectory
  }

  /// Takes environment variables. systemd may give several directories with `:` between them, of which
  /// the first is meant; one that is not absolute counts as not given.
  public init(variables: [String: String]) {
    func directory(_ name: String) -> String? {
      guard let first = variables[name]?.split(separator: ":").first else { return nil }
      return AbsolutePath.normalized(String(first))
    }
    stateDirectory = directory("STATE_DIRECTORY")
    runtimeDirectory = directory("RUNTIME_DIRECTORY")
    credentialsDirectory = directory("CREDENTIALS_DIRECTORY")
  }
}

/// One `KEY=VALUE` of a file.
struct ConfigurationAssignment: Hashable, Sendable {
  let key: String
  let value: String
  let file: String
  let line: Int
}

/// Reads the lines of one file strictly: headers, assignments, comments at the start of a line, and nothing
/// else. It knows sections but no keys. A line that cannot be read is a finding, and reading goes on.
struct ConfigurationReader {
  private let file: ConfigurationFile
  /// In the order in which they begin; a section that comes twice is one.
  private(set) var sections: [(section: ConfigurationSection, line: Int)] = []
  private(set) var assignments: [ConfigurationSection: [ExactText: ConfigurationAssignment]] = [:]
  private(set) var findings: [ConfigurationFinding] = []

  private enum Place: Equatable {
    case beforeAll
    case inside(ConfigurationSection)
    /// Below a header that could not be read, which has been reported: what follows is not.
    case unknown
  }
  /// True if a section's header could not be read.
  private(set) var hasBadHeader = false
  private var place = Place.beforeAll

  init(_ file: ConfigurationFile) {
    self.file = file
    var scalars = file.text.unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    let lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() { read(Self.trimmed(line), number: index + 1) }
  }

  private mutating func read(_ line: String, number: Int) {
    guard let first = line.unicodeScalars.first, first != "#", first != ";" else { return }
    if let control = line.unicodeScalars.first(where: Self.isControl) {
      return report(number, "there is a control character (code \(control.value)) in this line")
    }
    if first == "[" { return readHeader(line, number: number) }
    guard let equals = line.unicodeScalars.firstIndex(of: "=") else {
      return report(number, "the line is neither KEY=VALUE nor [Section] nor a comment")
    }
    let key = Self.trimmed(line.unicodeScalars[..<equals])
    let value = Self.trimmed(line.unicodeScalars[line.unicodeScalars.index(after: equals)...])
    if key.isEmpty { return report(number, "there is no key before '='") }
    if value.hasSuffix("\\") { return report(number, "\(key)= ends in '\\', but a value has one line only") }
    store(ConfigurationAssignment(key: key, value: value, file: file.path, line: number))
  }

  private mutating func readHeader(_ line: String, number: Int) {
    place = .unknown
    guard line.hasSuffix("]") else {
      hasBadHeader = true
      return report(number, "a section's header must end in ']', with nothing behind it")
    }
    do {
      let section = try ConfigurationSection(header: Self.trimmed(line.dropFirst().dropLast().unicodeScalars))
      place = .inside(section)
      if !sections.contains(where: { $0.section == section }) { sections.append((section, number)) }
    } catch {
      hasBadHeader = true
      report(number, error.message)
    }
  }

  private mutating func store(_ assignment: ConfigurationAssignment) {
    switch place {
    case .unknown: return
    case .beforeAll: report(assignment.line, "\(assignment.key)= is before the first [Section]")
    case .inside(let section):
      if let first = assignments[section]?[ExactText(assignment.key)] {
        report(
          assignment.line, "\(assignment.key)= was given in line \(first.line) already; remove one of them")
      } else {
        assignments[section, default: [:]][ExactText(assignment.key)] = assignment
      }
    }
  }

  private mutating func report(_ line: Int, _ message: String) {
    findings.append(ConfigurationFinding(.error, file: file.path, line: line, message: message))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 && scalar != "\t" || (127...159).contains(scalar.value)
  }

  /// Without blanks at both ends, and without the carriage return of a file from another system.
  private static func trimmed(_ text: some BidirectionalCollection<Unicode.Scalar>) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: text.drop(while: isBlank))
    while let last = result.last, isBlank(last) { result.removeLast() }
    return String(result)
  }
}
