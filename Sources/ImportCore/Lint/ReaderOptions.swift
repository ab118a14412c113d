/// How the server will read one data file: what its entry among the control file's `files` says, decided as the server
/// decides it (PROTOCOL, "The control file").
public struct ReaderOptions: Hashable, Sendable {
  /// The readers that this program knows.
  public enum Reader: String, Hashable, Sendable {
    case json
    case xmlTextOfChildren = "xml-text-of-children"
    case xmlAttributes = "xml-attributes"
    case tsv = "tsv-with-name-row"
  }

  /// Which reader; nil for one of a plugin.
  public var reader: Reader?
  /// True if the whole file is one record; nil where nobody says so or otherwise.
  public var isSingleRecord: Bool?
  /// Separator of a table's fields; nil where it is not text.
  public var separator: String?
  /// Character set of a table.
  public var charset: TextCharset
  /// What is the matter with the entry itself.
  public private(set) var problems: [Problem] = []

  /// Something about an entry, at a byte of the control file.
  public struct Problem: Hashable, Sendable {
    /// How bad it is.
    public var severity: LintFinding.Severity
    /// Where, in the control file.
    public var offset: Int
    /// What.
    public var message: String
  }

  /// Takes an entry of `files` that has a reader.
  public init(_ entry: JSONValue) {
    reader = (entry["read"]?.string).flatMap(Reader.init)
    isSingleRecord = entry["singleRecord"]?.isTruthy ?? false
    separator = Self.text(entry["separator"], default: "\t")
    let charset = Self.text(entry["charset"], default: "utf-8")
    self.charset = TextCharset(charset ?? "")
    noteReader(entry)
    if reader == .tsv { noteCharset(charset, entry) }
  }

  /// Guesses from the name of a file that no control file names; nil where the name tells nothing.
  public init?(guessingFrom name: String) {
    switch DropName.fileExtension(name)?.lowercased() {
    case "json": reader = .json
    case "xml": reader = .xmlTextOfChildren
    case "tsv", "tab": reader = .tsv
    default: return nil
    }
    separator = "\t"
    charset = .utf8
  }

  /// True for the readers that fail from a certain size on.
  public var isLimited: Bool { reader == .json || reader == .tsv }

  private mutating func noteReader(_ entry: JSONValue) {
    guard reader == nil, let read = entry["read"] else { return }
    note(.warning, read, "a reader of a plugin: the file is not examined")
  }

  private mutating func noteCharset(_ charset: String?, _ entry: JSONValue) {
    guard let value = entry["charset"] else { return }
    switch self.charset {
    case .impossible: note(.error, value, "there is no charset of this name")
    case .unknown:
      note(
        .warning, value,
        "the charset \(charset ?? "") is none that this program knows: bytes are not examined")
    case .utf8, .ascii, .singleByte: break
    }
  }

  private mutating func note(_ severity: LintFinding.Severity, _ value: JSONValue, _ message: String) {
    problems.append(Problem(severity: severity, offset: value.offset, message: message))
  }

  /// An option's text; what JavaScript takes for false stands for the default; nil: not text.
  private static func text(_ value: JSONValue?, default: String) -> String? {
    guard let value, value.isTruthy else { return `default` }
    return value.string
  }
}
