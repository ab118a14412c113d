/// Checks a JSON file of any size piece by piece, as strictly as the server's parser (RFC 8259) and with the position of
/// what is wrong. It keeps no value: its memory grows with the nesting, at most 512 deep, and with the number of
/// keys of the largest object, of which it remembers 65,536.
///
/// The first thing that is not well-formed ends the checking; a record that is no object does not. Doubled keys and
/// halves of surrogate pairs are warnings, for the server's parser takes them.
public struct JSONLint: Sendable {
  /// What the file should hold.
  public enum Shape: Sendable {
    /// An array of objects.
    case records
    /// One object (`singleRecord`).
    case singleRecord
    /// Either, where nobody says which.
    case any
  }

  enum State: UInt8, Sendable {
    case value, elementOrEnd, keyOrEnd, key, colon, after
    case mark, string, escape, hexadecimal, number, word, failed

    /// True where a byte that is no space begins or ends something, or stands between two things.
    var isStructure: Bool { rawValue <= State.after.rawValue }
  }

  struct Container: Sendable {
    var isObject: Bool
    /// What is looked for inside it.
    var node: Int
  }

  /// Which names the records had.
  public internal(set) var names: SourceNames
  let shape: Shape
  var state = State.mark
  var containers: [Container] = []
  var keys = KeyMemory()
  var findings = LintFindings()
  /// What is looked for inside the value that comes next.
  var nextNode = SourceNames.nowhere

  /// Bytes before the piece that is being read.
  var consumed = 0
  var line = 1
  var lineStart = 0

  // Of the token that is being read:
  var token = TextPlace()
  var isKey = false
  var hash = NameHash()
  var utf8 = UTF8Lint()
  var part = TextPlace()
  var digitsPlace = TextPlace()
  var surrogatePlace = TextPlace()
  var partCount = 0
  var hexadecimal: UInt32 = 0
  var pendingSurrogate: UInt32 = 0
  var number = NumberPart.minus
  var word: StaticString = "null"

  /// Begins a file that should have the shape given, and looks for names while it reads.
  public init(shape: Shape, names: SourceNames = SourceNames()) {
    self.shape = shape
    self.names = names
  }

  /// Takes the next piece of the file.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    var at = 0
    while at < piece.count, state != .failed {
      switch state {
      case .string: at = takeString(piece, at)
      case .escape: at = takeEscape(piece, at)
      case .hexadecimal: at = takeHexadecimal(piece, at)
      case .number: at = takeNumber(piece, at)
      case .word: at = takeWord(piece, at)
      case .mark: at = takeMark(piece, at)
      default: at = takeStructure(piece, at)
      }
    }
    consumed += piece.count
  }

  /// Ends the file and returns all findings.
  public mutating func finish() -> LintFindings {
    end()
    return findings
  }

  // MARK: Places

  func place(_ at: Int) -> TextPlace { TextPlace(line: line, column: consumed + at - lineStart + 1) }

  @inline(never)
  mutating func fail(_ place: TextPlace, _ message: String) -> Int {
    note(.error, place, message)
    state = .failed
    return Int.max
  }

  mutating func note(_ severity: LintFinding.Severity, _ place: TextPlace, _ message: String) {
    findings.add(LintFinding(severity, line: place.line, column: place.column, message))
  }
}

/// Line and column of one byte, both from 1.
struct TextPlace: Hashable, Sendable {
  var line = 1
  var column = 1
}
