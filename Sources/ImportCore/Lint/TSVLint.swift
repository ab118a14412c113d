/// Checks a table with a row of names, piece by piece, as the server splits it: rows at runs of CR and LF, so that
/// empty lines are nothing, fields at the separator and without any quoting. It keeps the first row and nothing else.
///
/// Wrong bytes and a byte order mark are errors. The rest are warnings: fields beyond the names are lost, and a
/// newline at the end makes one more record, without a field.
public struct TSVLint: Sendable {
  /// The longest row of names that is looked into, in bytes.
  static let longestHeader = 1 << 20

  /// Which names the columns have.
  public internal(set) var names: SourceNames
  let charset: TextCharset
  /// The separator's bytes; empty: not looked for.
  let separator: [UInt8]
  var findings = LintFindings()

  var consumed = 0
  var line = 1
  var lineStart = 0

  var header: [UInt8] = []
  var isHeader = true
  var columns = 0
  /// True between rows: the last byte was CR or LF.
  var isBetween = false
  var betweenPlace = TextPlace()
  var fields = 1
  var surplusPlace = TextPlace()
  /// Bytes of a separator of several bytes that have matched.
  var matched = 0
  var utf8 = UTF8Lint()
  var characterPlace = TextPlace()
  /// False once a wrong byte was found: what follows would only repeat it.
  var checksBytes: Bool

  /// Begins a file; without a separator fields are not counted.
  public init(separator: String?, charset: TextCharset, names: SourceNames = SourceNames()) {
    self.charset = charset
    self.names = names
    let bytes = separator.map { Array($0.utf8) } ?? []
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    self.separator = charset == .utf8 || isASCII && charset != .unknown ? bytes : []
    checksBytes = charset != .unknown && charset != .impossible
  }

  /// Takes the next piece of the file.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    var at = 0
    while at < piece.count {
      if !isHeader { at = skipPlain(piece, at) }
      if at == piece.count { break }
      takeByte(piece[at], at)
      at += 1
    }
    consumed += piece.count
  }

  /// Ends the file and returns all findings.
  public mutating func finish() -> LintFindings {
    if utf8.isInside, checksBytes { noteWrongByte(characterPlace) }
    if consumed == 0 {
      note(.warning, TextPlace(), "the file is empty: there is no row of names")
    } else if isBetween {
      note(.warning, betweenPlace, "the newline at the end makes one more record, which is empty")
    } else {
      endRow()
    }
    return findings
  }

  private mutating func takeByte(_ byte: UInt8, _ at: Int) {
    if byte == 10 || byte == 13 {
      takeLineEnd(byte, at)
      return
    }
    if isBetween {
      isBetween = false
      fields = 1
    }
    if checksBytes, byte >= 0x80 || utf8.isInside { checkByte(byte, at) }
    if isHeader {
      if header.count < Self.longestHeader { header.append(byte) }
    } else if !separator.isEmpty {
      matchSeparator(byte, at)
    }
  }

  private mutating func takeLineEnd(_ byte: UInt8, _ at: Int) {
    if utf8.isInside, checksBytes { noteWrongByte(characterPlace) }
    if !isBetween {
      betweenPlace = place(at)
      endRow()
      isBetween = true
      matched = 0
    }
    if byte == 10 {
      line += 1
      lineStart = consumed + at + 1
    }
  }

  private mutating func checkByte(_ byte: UInt8, _ at: Int) {
    if charset == .utf8 {
      if !utf8.isInside { characterPlace = place(at) }
      if !utf8.take(byte) { noteWrongByte(characterPlace) }
    } else if charset.excludes(byte) {
      noteWrongByte(place(at))
    }
  }

  private mutating func noteWrongByte(_ place: TextPlace) {
    checksBytes = false
    utf8 = UTF8Lint()
    note(.error, place, charset == .utf8 ? "the text is not UTF-8" : "a byte that the charset does not have")
  }

  // MARK: Places

  func place(_ at: Int) -> TextPlace { TextPlace(line: line, column: consumed + at - lineStart + 1) }

  mutating func note(_ severity: LintFinding.Severity, _ place: TextPlace, _ message: String) {
    findings.add(LintFinding(severity, line: place.line, column: place.column, message))
  }
}
