/// Something that reads bytes from outside, and what must hold whatever these bytes are. libFuzzer tries it with bytes of
/// its own (`make fuzz`); the test suite tries it with the corpus that is kept.
public struct FuzzTarget: Sendable {
  /// The name of its corpus: a folder of `Tests/Fuzz/corpus`.
  public let name: String
  /// Reads the bytes. Throws when something does not hold; a trap is a failure as well.
  public let check: @Sendable (_ bytes: [UInt8]) throws(BrokenProperty) -> Void

  init(_ name: String, _ check: @escaping @Sendable ([UInt8]) throws(BrokenProperty) -> Void) {
    self.name = name
    self.check = check
  }

  /// All of them.
  public static let all = [
    journal, control, configuration, answer, page, sums, json, tsv, xml, request,
  ]
}

/// A property that does not hold.
public struct BrokenProperty: Error, CustomStringConvertible {
  public let description: String
}

/// Throws if something does not hold that must.
func require(_ isTrue: Bool, _ promise: @autoclosure () -> String) throws(BrokenProperty) {
  if !isTrue { throw BrokenProperty(description: promise()) }
}

/// Throws unless line and column, both from 1, are a place in `bytes` or right behind their end.
func requirePlace(_ line: Int, _ column: Int, in bytes: [UInt8]) throws(BrokenProperty) {
  let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  try require(
    (1...lines.count).contains(line) && (1...lines[line - 1].count + 1).contains(column),
    "\(line):\(column) is no place in the input")
}
