/// An error at one place of a text.
public struct TextFinding: Hashable, Sendable {
  /// Line, from 1.
  public var line: Int
  /// Column in bytes, from 1.
  public var column: Int
  /// The error, without the place.
  public var message: String

  /// Makes a finding at a place.
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
