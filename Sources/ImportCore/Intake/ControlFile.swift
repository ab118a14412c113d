/// The content of a valid control file that this program uses: which files belong to a set, how the server reads them,
/// and which fields its instructions read. One parse makes all of it.
public struct ControlFile: Hashable, Sendable {
  /// One key of `files`.
  public struct File: Hashable, Sendable {
    /// The key: the `name` of the upload.
    public var key: String
    /// How the server reads the file.
    public var options: ReaderOptions
    /// Place of the key in the control file.
    public var place: TextPlace
  }

  /// A control file with more bytes than this is refused unread.
  public static let largest = 16 << 20
  /// The key of `files` that is no file's name but stands for files of any other name.
  public static let defaultKey = "DEFAULT"

  /// The keys of `files` in the order of the text, each once, without `DEFAULT`.
  public var files: [File]
  /// The entry `DEFAULT` of `files`, with which the control file alone does not name all files of the set.
  public var defaultFile: File?
  /// The fields that instructions read from records.
  public var fields: ReferencedFields
  /// Warnings, and errors in the readers' options.
  public var findings: ValidationFindings

  /// True if `files` has `DEFAULT`.
  public var hasDefault: Bool { defaultFile != nil }

  /// How the server reads each file that has a key of its own.
  public var optionsByKey: [ExactText: ReaderOptions] {
    Dictionary(files.map { (ExactText($0.key), $0.options) }, uniquingKeysWith: { _, last in last })
  }

  /// A valid control file, or the findings about an invalid one.
  public enum Reading: Hashable, Sendable {
    case valid(ControlFile)
    case invalid(ValidationFindings)
  }

  /// Parses a control file and checks it by the server's rules, in the server's words where it has some. Models, readers
  /// and filters that plugins add are left to the server. Time and memory grow linearly with the text.
  public static func read(_ bytes: [UInt8]) -> Reading {
    guard bytes.count <= largest else { return .invalid(.tooLarge) }
    let text = JSONText(bytes)
    guard let value = text.value else { return .invalid(text.findings) }
    var checker = ControlChecker(places: TextPlaces(bytes), findings: text.findings)
    let control = checker.check(value)
    guard let control, !checker.isInvalid else { return .invalid(checker.findings) }
    return .valid(control)
  }

  /// The error in a control file with more than ``largest`` bytes.
  public static let tooLarge = "the control file has more than 16 MiB"
}

extension ValidationFindings {
  /// The finding about a control file with more than ``ControlFile/largest`` bytes.
  public static var tooLarge: ValidationFindings {
    var findings = ValidationFindings()
    findings.add(ValidationFinding(.error, ControlFile.tooLarge))
    return findings
  }
}
