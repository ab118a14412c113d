/// Reads the records of a JSON data file piece by piece, as the server's json reader will: elements of an array, values of
/// an object, or the one record.
public struct JSONRecordReader: Sendable {
  private var parser: JSONParser<JSONRecordCollector>

  /// Begins a file; `isSingleRecord` if the whole file is one record.
  public init(isSingleRecord: Bool, _ demand: RecordDemand) {
    parser = JSONParser(JSONRecordCollector(recordDepth: isSingleRecord ? 0 : 1, demand))
  }

  /// Takes the next piece of the file. ``batch`` then has the records that ended in it.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    parser.consumer.batch.removeAll()
    parser.take(piece)
  }

  /// Ends the file.
  /// - Returns: the errors because of which it was not read to its end; mostly none.
  public mutating func finish() -> ValidationFindings {
    parser.consumer.batch.removeAll()
    let findings = parser.finish()
    return parser.isComplete ? ValidationFindings() : findings
  }

  /// The records that ended in the last piece.
  public var batch: RecordBatch { parser.consumer.batch }
  /// The names of fields so far, where they are wanted.
  public var names: FieldNames { parser.consumer.names }
}

/// Numbers as texts that are equal if the values are.
enum JSONNumber {
  /// Integers that a double holds exactly are written as such, however they were spelled; integers with more digits stay as they
  /// are written, for they would be rounded.
  static func canonical(_ text: [UInt8]) -> [UInt8] {
    let isInteger = text.allSatisfy { $0 == UInt8(ascii: "-") || isDigit($0) }
    let isNegativeZero = text.count == 2 && text[0] == UInt8(ascii: "-") && text[1] == 0x30
    if isInteger { return isNegativeZero ? [0x30] : text }
    if let fraction = shortFraction(text) { return fraction }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else { return text }
    if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 { return Array(String(whole).utf8) }
    return Array(value.description.utf8)
  }

  /// A fraction of at most 15 digits is the shortest text of its double, but for zeros at its end. Exports have many such numbers, and
  /// converting them to a double and back takes longer than all else that is done to them.
  /// - Returns: nil for a number with an exponent or more digits, and for one below 0.0001, which is written with an exponent.
  private static func shortFraction(_ text: [UInt8]) -> [UInt8]? {
    let isNegative = text[0] == UInt8(ascii: "-")
    let digits = text.dropFirst(isNegative ? 1 : 0)
    guard digits.count <= 16, let point = digits.firstIndex(of: UInt8(ascii: ".")),
      digits[(point + 1)...].allSatisfy(isDigit)
    else { return nil }
    guard let last = digits[(point + 1)...].lastIndex(where: { $0 != 0x30 }) else {
      let isZero = digits[..<point].allSatisfy { $0 == 0x30 }
      return isZero ? [0x30] : Array(text[..<point])
    }
    let isSmall =
      digits[..<point].elementsEqual([0x30]) && digits[(point + 1)...].prefix(4).allSatisfy { $0 == 0x30 }
    return isSmall ? nil : Array(text[...last])
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
