/// Parses a JSON text (RFC 8259) of any size piece by piece, as strictly as the server's parser, with the place of each
/// error. It keeps no value; the values go to a ``JSONConsumer``. Its memory grows with the nesting, at most 512 deep,
/// and with the keys that ``DuplicateKeyDetector`` remembers.
///
/// The first syntax error ends the parsing. Duplicate keys, halves of surrogate pairs and integers above 2^53 are
/// warnings, because the server's parser accepts them.
struct JSONParser<Consumer: JSONConsumer>: Sendable {
  /// Arrays and objects inside one another, at most. The server's parser has no such limit and dies of deep nesting.
  static var depthLimit: Int { JSONText.depthLimit }

  enum State: UInt8, Sendable {
    case value, elementOrEnd, keyOrEnd, key, colon, after
    case mark, string, escape, hexadecimal, number, word
    /// After an error in the first line of a text without array or object: looks for the separators of a table.
    case diagnosing
    case failed

    /// True where a byte that is no space begins or ends something, or separates two things.
    var isStructure: Bool { rawValue <= State.after.rawValue }
  }

  /// A syntax error.
  struct Failure: Sendable {
    var place: TextPlace
    var offset: Int
    var message: String
  }

  var consumer: Consumer
  var state = State.mark
  /// For each open container, true for an object.
  var containers: [Bool] = []
  var keys = DuplicateKeyDetector()
  var findings = ValidationFindings()
  var failure: Failure?
  var opening = FileOpening()

  /// Bytes before the current piece.
  var consumed = 0
  var line = 1
  var lineStart = 0

  // Of the current token:
  var token = TextPlace()
  var tokenOffset = 0
  var isKey = false
  var hasEscapes = false
  var hash = FieldNameHash()
  var utf8 = UTF8Scanner()
  var part = TextPlace()
  var partOffset = 0
  var partCount = 0
  var hexadecimal: UInt32 = 0
  var pendingSurrogate: UInt32 = 0
  var surrogatePlace = TextPlace()
  var number = NumberPart.minus
  var magnitude: UInt64 = 0
  var wordStart: UInt8 = 0
  var isTable = false

  init(_ consumer: Consumer) { self.consumer = consumer }

  /// Takes the next piece of the text.
  mutating func take(_ piece: UnsafeRawBufferPointer) {
    opening.take(piece)
    var at = 0
    while at < piece.count, state != .failed {
      switch state {
      case .string: at = takeString(piece, at)
      case .escape: at = takeEscape(piece, at)
      case .hexadecimal: at = takeHexadecimal(piece, at)
      case .number: at = takeNumber(piece, at)
      case .word: at = takeWord(piece, at)
      case .mark: at = takeMark(piece, at)
      case .diagnosing: at = takeDiagnosis(piece, at)
      default: at = takeStructure(piece, at)
      }
    }
    consumed += piece.count
  }

  /// Ends the text. Returns all findings.
  mutating func finish() -> ValidationFindings {
    end()
    isComplete = failure == nil
    if let failure {
      let format = failure.offset < FileOpening.length ? opening.problem : nil
      let table = "the file is a table (CSV or TSV), not JSON; the reader for tables is tsv-with-name-row"
      if let problem = format ?? (isTable ? table : nil) {
        // The file is something else: errors in it as JSON would only mislead.
        findings = ValidationFindings()
        findings.add(ValidationFinding(.error, problem))
      } else {
        note(.error, failure.place, failure.message)
      }
    }
    failure = nil
    state = .failed
    return findings
  }

  /// True after ``finish()`` if the text was one well-formed value, whatever else was found.
  private(set) var isComplete = false

  // MARK: Errors and their places

  func place(_ at: Int) -> TextPlace { TextPlace(line: line, column: consumed + at - lineStart + 1) }

  /// Ends the parsing with an error at `at` of the current piece. Returns where to continue.
  @inline(never)
  mutating func fail(_ at: Int, _ message: String) -> Int {
    fail(Failure(place: place(at), offset: consumed + at, message: message), at)
  }

  /// Ends the parsing with an error before `at` of the current piece. Returns where to continue.
  @inline(never)
  mutating func fail(_ failure: Failure, _ at: Int) -> Int {
    self.failure = failure
    state = .failed
    return at
  }

  /// The same for an error that a table may explain: something else than an array or object in the first line.
  mutating func failInFirstLine(_ failure: Failure, _ at: Int) -> Int {
    self.failure = failure
    state = containers.isEmpty && line == 1 ? .diagnosing : .failed
    return at
  }

  /// A failure at the beginning of the current token.
  func tokenFailure(_ message: String) -> Failure {
    Failure(place: token, offset: tokenOffset, message: message)
  }

  /// A failure at the beginning of the current escape or character.
  func partFailure(_ message: String) -> Failure {
    Failure(place: part, offset: partOffset, message: message)
  }

  mutating func note(
    _ severity: ValidationFinding.Severity, _ place: TextPlace, _ message: @autoclosure () -> String
  ) {
    findings.add(severity, place, message())
  }

  /// Looks for the separator of a table in the rest of the first line.
  private mutating func takeDiagnosis(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    for at in start..<piece.count {
      switch piece[at] {
      case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"):
        isTable = true
        state = .failed
        return piece.count
      case 10, 13, UInt8(ascii: "{"), UInt8(ascii: "["):
        state = .failed
        return piece.count
      default: break
      }
    }
    return piece.count
  }
}

/// Takes the values of a JSON text as ``JSONParser`` meets them. Offsets are bytes from the beginning of the text.
protocol JSONConsumer: Sendable {
  /// An error about a value. Its description is made only if the error is kept.
  associatedtype Problem: CustomStringConvertible

  /// True for a consumer that wants the texts of keys, strings, numbers and words; without them the parser is faster.
  static var takesText: Bool { get }
  /// Some bytes of the text of the current key or value, escapes decoded; of a number or word all but the first byte.
  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>)
  /// One such byte.
  mutating func takeText(_ byte: UInt8)

  /// A value begins with the byte `first`, inside `depth` arrays and objects. Returns an error about it, or nil.
  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> Problem?
  /// A key begins at its quotation mark.
  mutating func beginKey(at offset: Int)
  /// A key ended: its hash, and false if it is a duplicate.
  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int)
  /// A string, key or value, ended: `offset` is its closing quotation mark.
  mutating func endString(at offset: Int, hasEscapes: Bool)
  /// A number or word ended before `offset`.
  mutating func endScalar(at offset: Int)
  /// The innermost array or object ended before `offset`.
  mutating func close(at offset: Int)
}

extension JSONConsumer {
  static var takesText: Bool { false }
  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {}
  mutating func takeText(_ byte: UInt8) {}
}

/// Builds the index of a text's values: an object's members as key and value in turn, an array's elements.
struct JSONIndexBuilder: JSONConsumer {
  typealias Problem = String

  private(set) var nodes: [JSONNode] = []
  private var open: [Int] = []

  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> String? {
    let kind: JSONNode.Kind =
      switch first {
      case UInt8(ascii: "{"): .object
      case UInt8(ascii: "["): .array
      case UInt8(ascii: "\""): .plain
      case UInt8(ascii: "t"): .yes
      case UInt8(ascii: "f"): .no
      case UInt8(ascii: "n"): .null
      default: .number
      }
    if kind == .object || kind == .array { open.append(nodes.count) }
    nodes.append(JSONNode(kind: kind, start: UInt32(clamping: kind == .plain ? offset + 1 : offset)))
    return nil
  }

  mutating func beginKey(at offset: Int) {
    nodes.append(JSONNode(kind: .plain, start: UInt32(clamping: offset + 1)))
  }

  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int) {}

  mutating func endString(at offset: Int, hasEscapes: Bool) {
    if hasEscapes { nodes[nodes.count - 1].kind = .escaped }
    end(nodes.count - 1, offset)
  }

  mutating func endScalar(at offset: Int) { end(nodes.count - 1, offset) }

  mutating func close(at offset: Int) { end(open.removeLast(), offset) }

  private mutating func end(_ index: Int, _ offset: Int) {
    nodes[index].end = UInt32(clamping: offset)
    nodes[index].next = UInt32(clamping: nodes.count)
  }
}
