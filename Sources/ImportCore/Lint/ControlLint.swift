/// What a control file that keeps the rules says about its data files and their records, with its places.
public struct ControlLint: Sendable {
  /// The names that instructions look for.
  public let names: SourceNames
  private let control: JSONValue
  private let places: TextPlaces

  /// Takes the bytes of a control file that ``ControlFile/read(_:)`` found valid.
  public init(_ bytes: [UInt8]) {
    guard let value = JSONText(bytes).value else { preconditionFailure("a valid control file is JSON") }
    control = value
    places = TextPlaces(bytes)
    names = SourceNames(control: value)
  }

  /// How the server will read the file of a key: as the key's own entry says, else as `DEFAULT` says.
  public func options(forKey key: String) -> ReaderOptions? {
    (control["files"]?[key] ?? control["files"]?[ControlFile.defaultKey]).map(ReaderOptions.init)
  }

  /// What is the matter with the entries of `files`.
  public var findings: [LintFinding] {
    let members = control["files"]?.members ?? []
    return members.flatMap { ReaderOptions($0.value).problems }.map {
      finding($0.severity, $0.offset, $0.message)
    }
  }

  /// Says something about a key, at its place.
  public func finding(_ severity: LintFinding.Severity, aboutKey key: String, _ message: String)
    -> LintFinding
  {
    let member = control["files"]?.members?.last { ExactText($0.key) == ExactText(key) }
    return finding(severity, member?.keyOffset ?? 0, message)
  }

  /// The warnings about names that no record has.
  public func warnings(about seen: SourceNames) -> [LintFinding] {
    seen.missing.map { finding(.warning, $0.offset, "no record has the field '\($0.name)'") }
  }

  private func finding(_ severity: LintFinding.Severity, _ offset: Int, _ message: String) -> LintFinding {
    let place = places.finding(at: offset, message)
    return LintFinding(severity, line: place.line, column: place.column, message)
  }
}
