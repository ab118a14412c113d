/// Validates a table with a row of names, piece by piece, as the server splits it: rows at runs of CR and LF, so that
/// empty lines are nothing, fields at the separator and without any quoting. It keeps the first row and nothing else.
///
/// Wrong bytes, a byte order mark, and text in fields beyond the named columns are errors, because the server loses them
/// silently. The rest are warnings: a newline at the end makes one more record, without a field.
public struct TableValidator: Sendable {
  /// The longest row of names that is examined, in bytes.
  static let longestHeader = 1 << 20

  /// The referenced fields, with those marked that a column has.
  public internal(set) var fields: ReferencedFields
  /// Rows after the first so far, without the empty one that a newline at the end makes.
  public private(set) var records = 0
  let charset: TextCharset
  /// The separator's bytes; empty: not searched for.
  let separator: [UInt8]
  var findings = ValidationFindings()
  private var opening = FileOpening()

  var consumed = 0
  var line = 1
  var lineStart = 0

  var header: [UInt8] = []
  var isHeader = true
  var columns = 0
  /// True between rows: the last byte was CR or LF.
  var isBetween = false
  var betweenPlace = TextPlace()
  var fieldCount = 1
  var surplusPlace = TextPlace()
  var surplusOffset = 0
  /// Bytes of a separator of several bytes that have matched.
  var matched = 0
  var cell = TableCell()
  var utf8 = UTF8Scanner()
  var characterPlace = TextPlace()
  /// False once a wrong byte was found: later ones would only repeat it.
  var checksBytes: Bool
  /// Place of the first zero byte.
  var zeroPlace: TextPlace?

  /// Begins a file; without a separator fields are not counted.
  public init(separator: String?, charset: TextCharset, fields: ReferencedFields = ReferencedFields()) {
    self.charset = charset
    self.fields = fields
    let bytes = separator.map { Array($0.utf8) } ?? []
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    self.separator = charset == .utf8 || isASCII && charset.isKnown ? bytes : []
    checksBytes = charset.isKnown
  }

  /// Takes the next piece of the file.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    opening.take(piece)
    var at = 0
    while at < piece.count {
      if !isHeader { at = skipPlain(piece, at) }
      if at == piece.count { break }
      takeByte(piece[at], at)
      at += 1
    }
    consumed += piece.count
  }

  /// Ends the file. Returns all findings.
  public mutating func finish() -> ValidationFindings {
    if utf8.isInside, checksBytes { noteWrongByte(characterPlace) }
    if consumed == 0 {
      note(.warning, TextPlace(), "the file is empty: it has no row of names")
    } else if isBetween {
      note(.warning, betweenPlace, "the newline at the end makes one more record, which is empty")
    } else {
      endRow(at: consumed, isLast: true)
    }
    noteZeros()
    guard let problem = formatProblem else { return findings }
    findings = ValidationFindings()
    findings.add(ValidationFinding(.error, problem))
    return findings
  }

  /// The reason why the file is no table at all.
  private var formatProblem: String? {
    opening.binaryProblem ?? (charset.isKnown && opening.hasWideMark ? opening.problem : nil)
  }

  private mutating func noteZeros() {
    guard let zeroPlace, charset.isKnown else { return }
    let guess = opening.wideEncoding.map { ": the table seems to be \($0), which its charset= does not say" }
    note(.warning, zeroPlace, "the table has zero bytes\(guess ?? "")")
  }

  private mutating func takeByte(_ byte: UInt8, _ at: Int) {
    if byte == 10 || byte == 13 {
      takeLineEnd(byte, at)
      return
    }
    if isBetween { beginRow() }
    if byte == 0, zeroPlace == nil { zeroPlace = place(at) }
    if checksBytes, byte >= 0x80 || utf8.isInside { checkByte(byte, at) }
    if isHeader {
      if header.count < Self.longestHeader { header.append(byte) }
    } else if !separator.isEmpty {
      if cell.isAtStart { cell.begin(byte, place(at)) }
      if byte == TableCell.quote { cell.quotes += 1 }
      matchSeparator(byte, at)
    }
  }

  private mutating func beginRow() {
    isBetween = false
    fieldCount = 1
    cell = TableCell()
    records += 1
  }

  private mutating func takeLineEnd(_ byte: UInt8, _ at: Int) {
    if utf8.isInside, checksBytes { noteWrongByte(characterPlace) }
    if !isBetween {
      betweenPlace = place(at)
      endRow(at: consumed + at, isLast: false)
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
    utf8 = UTF8Scanner()
    let isUTF8 = charset == .utf8
    note(.error, place, isUTF8 ? "the text is not UTF-8" : "a byte that the charset does not have")
  }

  // MARK: Places

  func place(_ at: Int) -> TextPlace { TextPlace(line: line, column: consumed + at - lineStart + 1) }

  mutating func note(
    _ severity: ValidationFinding.Severity, _ place: TextPlace, _ message: @autoclosure () -> String
  ) {
    findings.add(severity, place, message())
  }
}

/// The current cell of a table, as far as quotation marks matter.
struct TableCell: Sendable {
  static let quote = UInt8(ascii: "\"")
  var isAtStart = true
  var isQuoted = false
  var place = TextPlace()
  var quotes = 0

  mutating func begin(_ byte: UInt8, _ place: TextPlace) {
    isAtStart = false
    isQuoted = byte == Self.quote
    self.place = place
  }

  /// True if a program that knows quoting would read on behind a line end.
  var isOpen: Bool { isQuoted && quotes % 2 == 1 }
}

extension TextCharset {
  /// True for a charset whose bytes can be told.
  var isKnown: Bool {
    switch self {
    case .utf8, .ascii, .singleByte: true
    case .unknown, .misspelled: false
    }
  }
}
