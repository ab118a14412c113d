/// What a control file says, as far as it decides which files belong to a set (PROTOCOL, "The control file").
public struct ControlFile: Hashable, Sendable {
  /// One key of `files`.
  public struct File: Hashable, Sendable {
    /// The key: the `name` of the upload.
    public var key: String
    /// The reader; plugins may add others than the server's own four.
    public var reader: String
    /// The whole description, with the reader's options.
    public var description: JSONValue
  }

  /// A control file with more bytes than this is refused unread.
  public static let largest = 16 << 20
  /// The key of `files` that is no file's name but stands for files of any other name.
  public static let defaultKey = "DEFAULT"

  /// The keys of `files` in the order of the text, without `DEFAULT`.
  public var files: [File]
  /// True if `files` has `DEFAULT`, so that the files of the set cannot be told from the control file alone.
  public var hasDefault: Bool

  /// Takes the keys of a control file that keeps the rules.
  public init(files: [File], hasDefault: Bool) {
    self.files = files
    self.hasDefault = hasDefault
  }

  /// A control file that keeps the rules, or all that is wrong with one that does not.
  public enum Reading: Hashable, Sendable {
    case valid(ControlFile)
    case invalid([TextFinding])
  }

  /// Reads a control file and checks it by the server's rules, in the server's words where it has some. Whether
  /// the model is known, and readers and actions that plugins may have added, are left to the server.
  public static func read(_ bytes: [UInt8]) -> Reading {
    guard bytes.count <= largest else {
      return .invalid([TextFinding(line: 1, column: 1, message: tooLarge)])
    }
    let text = JSONText(bytes)
    guard let value = text.value else { return .invalid(text.findings) }
    var checker = ControlChecker()
    let control = checker.check(value)
    let places = TextPlaces(bytes)
    let findings = text.findings + checker.problems.map { places.finding(at: $0.offset, $0.message) }
    guard findings.isEmpty, let control else { return .invalid(findings) }
    return .valid(control)
  }

  /// What is said of a control file with more than ``largest`` bytes.
  public static let tooLarge = "the control file has more than 16 MiB"
}
