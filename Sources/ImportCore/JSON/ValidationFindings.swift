/// The findings about one file. Only the first twenty are kept, errors before warnings, and the others are counted, so
/// that no file can fill the memory or the screen.
public struct ValidationFindings: Hashable, Sendable {
  /// Findings kept of one file.
  public static let limit = 20

  private var kept: [ValidationFinding] = []
  /// Errors among those kept.
  private var keptErrors = 0
  /// Errors that were not kept.
  public private(set) var droppedErrors = 0
  /// Warnings that were not kept.
  public private(set) var droppedWarnings = 0

  public init() {}

  /// True if there is no finding.
  public var isEmpty: Bool { kept.isEmpty }
  /// True if there is an error. One is always kept: errors displace warnings.
  public var hasErrors: Bool { keptErrors > 0 }
  /// Errors, kept or not.
  public var errorCount: Int { keptErrors + droppedErrors }

  /// The findings kept, in the order of their report, and a last one with the number of the others.
  public var list: [ValidationFinding] {
    let parts = [(droppedErrors, "error"), (droppedWarnings, "warning")].filter { $0.0 > 0 }.map {
      "\($0.0) more \($0.1)\($0.0 == 1 ? "" : "s")"
    }
    guard !parts.isEmpty else { return kept }
    let text = "and \(parts.joined(separator: " and ")), not listed"
    return kept + [ValidationFinding(droppedErrors > 0 ? .error : .warning, text)]
  }

  /// The errors among ``list``.
  public var errors: [ValidationFinding] { list.filter { $0.severity == .error } }

  /// Adds a finding. The message is made only if the finding is kept: there may be one for each record.
  mutating func add(
    _ severity: ValidationFinding.Severity, _ place: TextPlace, _ message: @autoclosure () -> String
  ) {
    if keptErrors == Self.limit || severity == .warning && kept.count == Self.limit {
      return count(errors: severity == .error ? 1 : 0, warnings: severity == .warning ? 1 : 0)
    }
    add(ValidationFinding(severity, place, message()))
  }

  public mutating func add(_ finding: ValidationFinding) {
    if kept.count < Self.limit {
      if finding.severity == .error { keptErrors += 1 }
      return kept.append(finding)
    }
    guard finding.severity == .error else {
      droppedWarnings += 1
      return
    }
    guard let last = kept.lastIndex(where: { $0.severity == .warning }) else {
      droppedErrors += 1
      return
    }
    kept.remove(at: last)
    keptErrors += 1
    droppedWarnings += 1
    kept.append(finding)
  }

  /// Counts findings that were made but not kept.
  public mutating func count(errors: Int = 0, warnings: Int = 0) {
    droppedErrors += errors
    droppedWarnings += warnings
  }

  /// Adds all findings of another list about the same file.
  public mutating func add(_ others: ValidationFindings) {
    for finding in others.kept { add(finding) }
    droppedErrors += others.droppedErrors
    droppedWarnings += others.droppedWarnings
  }
}

/// A problem at one place of a file of an export set.
public struct ValidationFinding: Hashable, Sendable {
  /// Its severity.
  public enum Severity: String, Hashable, Sendable {
    /// The server's job surely fails or silently loses data, so the set is not sent.
    case error
    /// The job runs, but perhaps not as it was meant.
    case warning
  }

  /// Its severity.
  public var severity: Severity
  /// Line, from 1; a problem of the file as a whole is reported at its beginning.
  public var line: Int
  /// Column in bytes, from 1.
  public var column: Int
  /// The problem, without the place; never a value of the data.
  public var message: String

  public init(_ severity: Severity, line: Int = 1, column: Int = 1, _ message: String) {
    self.severity = severity
    self.line = line
    self.column = column
    self.message = message
  }

  /// Makes an error from a finding about a text.
  public init(_ finding: TextFinding) {
    self.init(.error, line: finding.line, column: finding.column, finding.message)
  }

  public init(_ severity: Severity, _ place: TextPlace, _ message: String) {
    self.init(severity, line: place.line, column: place.column, message)
  }

  /// The finding as one line: `PATH:LINE:COLUMN: error: …`.
  public func text(for path: String) -> String {
    "\(path):\(line):\(column): \(severity.rawValue): \(message)"
  }
}

/// An error at one place of a text.
public struct TextFinding: Hashable, Sendable {
  /// Line, from 1.
  public var line: Int
  /// Column in bytes, from 1.
  public var column: Int
  /// The error, without the place.
  public var message: String

  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// Makes the same finding without its severity.
  public init(_ finding: ValidationFinding) {
    self.init(line: finding.line, column: finding.column, message: finding.message)
  }
}

/// Line and column of one byte, both from 1, the column in bytes.
public struct TextPlace: Hashable, Sendable, CustomStringConvertible {
  var line = 1
  var column = 1

  public var description: String { "\(line):\(column)" }
}

/// Finds the line and column of a byte of a text, in logarithmic time.
struct TextPlaces {
  private let lineStarts: [Int]

  init(_ bytes: [UInt8]) {
    var starts = [0]
    for (at, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(at + 1) }
    lineStarts = starts
  }

  func place(of offset: Int) -> TextPlace {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return TextPlace(line: low + 1, column: offset - lineStarts[low] + 1)
  }
}

/// The first four bytes of a file, which tell a format that no reader of the server takes.
public struct FileOpening: Sendable {
  static let length = 4
  private var bytes: [UInt8] = []

  public init() {}

  /// Takes the next piece of the file; only the first four bytes of all pieces count.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    if bytes.count < Self.length { bytes.append(contentsOf: piece.prefix(Self.length - bytes.count)) }
  }

  /// The reason why no reader can read the file: a format that is no text at all. Nil for anything else.
  public var binaryProblem: String? {
    Self.magics.first { bytes.starts(with: $0.bytes) }.map {
      "the file is \($0.name); the server reads plain text only"
    }
  }

  /// The name of an encoding of more than one byte a character, and nil where the bytes do not show one.
  var wideEncoding: String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard bytes.count >= 2 else { return nil }
    let zeros = bytes.map { $0 == 0 }
    if zeros == [false, true, true, true] || zeros == [true, true, true, false] { return "UTF-32" }
    return zeros[0] != zeros[1] && zeros.count % 2 == 0 && (zeros.count == 2 || zeros[2...] == zeros[..<2])
      ? "UTF-16" : nil
  }

  /// True for a byte order mark of an encoding of more than one byte a character.
  var hasWideMark: Bool { wideEncoding != nil && (bytes[0] >= 0xFE || bytes.suffix(2) == [0xFE, 0xFF]) }

  /// The reason why a reader of UTF-8 cannot read the file, and nil where its first bytes do not tell one.
  var problem: String? {
    binaryProblem
      ?? wideEncoding.map { "the text is \($0), not UTF-8; export it as UTF-8 without a byte order mark" }
  }

  private static let magics: [(bytes: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "compressed (gzip)"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed (zstd)"), ([0xFD, 0x37, 0x7A, 0x58], "compressed (xz)"),
    ([0x42, 0x5A, 0x68], "compressed (bzip2)"), ([0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook"),
    ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
  ]
}
