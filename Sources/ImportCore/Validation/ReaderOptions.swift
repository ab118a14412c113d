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
      ValidationFinding(charset == .unknown ? .warning : .error, places.place(of: value.offset), problem))
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

/// The character sets of the server (Java's), as far as this program can tell whether bytes belong to them.
public enum TextCharset: Hashable, Sendable {
  case utf8
  case ascii
  /// One byte a character, ASCII among them; some bytes may have no character.
  case singleByte(undefined: Set<UInt8>)
  /// A name that Java may know, and this program does not.
  case unknown
  /// A name that Java does not know, with the name that was probably meant.
  case misspelled(right: String?)

  /// Finds the character set of a name. Java ignores the case of a name, and nothing else: `latin1` is a name, and
  /// `latin-1` is none.
  public init(_ name: String) {
    let allowed = name.utf8.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2B, 0x2E, 0x3A, 0x5F].contains($0) }
    guard allowed, let first = name.utf8.first, isLetterOrDigit(first) else {
      self = .misspelled(right: nil)
      return
    }
    let lower = name.lowercased()
    let short = Self.letters(lower)
    if let charset = Self.table.first(where: { $0.names.contains(lower) }) {
      self = charset.kind
    } else if let meant = Self.table.first(where: { $0.names.contains { Self.letters($0) == short } }) {
      self = .misspelled(right: meant.names.first { Self.letters($0) == short })
    } else {
      self = .unknown
    }
  }

  private static func letters(_ name: String) -> String { name.filter { $0.isLetter || $0.isNumber } }

  /// The problem with the name; nil: there is none.
  public var problem: String? {
    switch self {
    case .utf8, .ascii, .singleByte: nil
    case .unknown: "this program does not know the charset: its bytes are not examined"
    case .misspelled(let right):
      "the server has no charset of this name" + (right.map { "; its name is '\($0)'" } ?? "")
    }
  }

  /// True if the byte alone can be no character.
  @inline(__always)
  func excludes(_ byte: UInt8) -> Bool {
    switch self {
    case .ascii: byte >= 0x80
    case .singleByte(let undefined): undefined.contains(byte)
    case .utf8, .unknown, .misspelled: false
    }
  }

  private typealias Entry = (kind: TextCharset, names: [String])

  /// Java's names and aliases, in lower case. A charset that is listed has all of its names here: others that differ only
  /// in their signs count as misspelled.
  private static let table: [Entry] = [
    (.utf8, names("utf-8 utf8 unicode-1-1-utf-8")),
    (
      .ascii,
      names(
        "us-ascii ascii iso-ir-6 ansi_x3.4-1986 ansi_x3.4-1968 iso_646.irv:1991 iso_646.irv:1983 iso646-us us"
          + " ibm367 cp367 csascii default 646 ascii7")
    ),
    (
      complete,
      names(
        "iso-8859-1 iso8859_1 8859_1 iso-ir-100 iso_8859-1 iso_8859_1 iso_8859-1:1987 iso8859-1 latin1 l1"
          + " ibm819 ibm-819 cp819 819 csisolatin1")
    ),
    (
      complete,
      names(
        "iso-8859-2 iso8859_2 8859_2 iso-ir-101 iso_8859-2 iso_8859-2:1987 iso8859-2 latin2 l2 ibm912 ibm-912"
          + " cp912 912 csisolatin2")
    ),
    (
      complete,
      names(
        "iso-8859-5 iso8859_5 8859_5 iso-ir-144 iso_8859-5 iso_8859-5:1988 iso8859-5 cyrillic ibm915 ibm-915"
          + " cp915 915 csisolatincyrillic")
    ),
    (
      complete,
      names(
        "iso-8859-9 iso8859_9 8859_9 iso-ir-148 iso_8859-9 iso_8859-9:1989 iso8859-9 latin5 l5 ibm920 ibm-920"
          + " cp920 920 csisolatin5")
    ),
    (
      complete,
      names(
        "iso-8859-15 iso8859_15 8859_15 iso_8859-15 iso8859-15 iso8859_15_fdis latin-9 latin9 latin0 l9 ibm923"
          + " ibm-923 cp923 923 csiso885915 csisolatin0 csisolatin9")
    ), (complete, names("koi8-r koi8_r koi8 cskoi8r")), (complete, names("koi8-u koi8_u")),
    (complete, names("ibm437 cp437 ibm-437 437 cspc8codepage437 windows-437")),
    (complete, names("ibm850 cp850 ibm-850 850 cspc850multilingual")),
    (complete, names("ibm852 cp852 ibm-852 852 cspcp852")),
    (.singleByte(undefined: [0x81, 0x83, 0x88, 0x90, 0x98]), names("windows-1250 cp1250 cp5346")),
    (.singleByte(undefined: [0x98]), names("windows-1251 cp1251 cp5347 ansi-1251")),
    (
      .singleByte(undefined: [0x81, 0x8D, 0x8F, 0x90, 0x9D]),
      names("windows-1252 cp1252 cp5348 ibm-1252 ibm1252")
    ),
    (
      .singleByte(undefined: [0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E]), names("windows-1254 cp1254 cp5350")
    ),
  ]

  private static let complete = TextCharset.singleByte(undefined: [])

  private static func names(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}
