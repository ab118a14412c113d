/// How the server will read one data file, as its entry among the control file's `files` says.
public struct ReaderOptions: Hashable, Sendable {
  /// The readers of the server itself.
  public enum Reader: String, Hashable, Sendable, CaseIterable {
    case json
    case xmlTextOfChildren = "xml-text-of-children"
    case xmlAttributes = "xml-attributes"
    case tsv = "tsv-with-name-row"
  }

  /// The reader; nil for one of a plugin.
  public var reader: Reader?
  /// True if the whole file is one record; nil where no control file says so or otherwise.
  public var isSingleRecord: Bool?
  /// Separator of a table's fields; nil where it is not text.
  public var separator: String?
  /// Character set of a table.
  public var charset: TextCharset

  /// Takes an entry of `files` that has a reader, and adds what is wrong with it to `findings`.
  init(_ entry: JSONValue, _ places: TextPlaces, _ findings: inout ValidationFindings) {
    let read = entry["read"]
    reader = (read?.scriptText).flatMap(Reader.init)
    isSingleRecord = entry["singleRecord"]?.isTruthy ?? false
    separator = Self.text(entry["separator"], default: "\t")
    charset = TextCharset(Self.text(entry["charset"], default: "utf-8") ?? "")
    if reader == nil, let read {
      // A name of any length can stand there, and the comparison takes time for each letter.
      let name = read.scriptText.utf8.count > 64 ? "" : read.scriptText
      let hint = Spelling.hint(for: name, among: Reader.allCases.map(\.rawValue))
      let text =
        "unknown reader '\(read.scriptText)'\(hint.isEmpty ? "." : hint) If a plugin of your server provides it, ignore "
        + "this; the file is not examined"
      findings.add(ValidationFinding(.warning, places.place(of: read.offset), text))
    }
    guard reader == .tsv, let value = entry["charset"], let problem = charset.problem else { return }
    findings.add(
      ValidationFinding(
        charset == .unknown ? .warning : .error, places.place(of: value.offset), problem))
  }

  /// Guesses the reader from the name of a file that no control file describes; nil where the name does not tell it.
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

  /// An option's text; a value that JavaScript takes for false stands for the default; nil: not text.
  private static func text(_ value: JSONValue?, default: String) -> String? {
    guard let value, value.isTruthy else { return `default` }
    return value.string
  }
}
