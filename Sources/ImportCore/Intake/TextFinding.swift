/// Something wrong at one place of a text.
public struct TextFinding: Hashable, Sendable {
  /// Line, the first being 1.
  public var line: Int
  /// Column in bytes, the first being 1.
  public var column: Int
  /// What is wrong, without the place.
  public var message: String

  /// Takes a place and what is wrong there.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// The finding as one line: `PATH:LINE:COLUMN: error: …`.
  public func line(for path: String) -> String { "\(path):\(line):\(column): error: \(message)" }
}

/// Finds the line and column of a byte of a text.
public struct TextPlaces: Sendable {
  private let bytes: [UInt8]

  /// Takes the bytes of the text.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Describes what is wrong at the byte `offset`.
  public func finding(at offset: Int, _ message: String) -> TextFinding {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    return TextFinding(line: line, column: offset - lineStart + 1, message: message)
  }
}
