/// Validates a JSON data file of any size piece by piece, as the server's json reader will read it. In the same pass it
/// counts the records and notes which referenced fields they have.
public struct JSONRecordValidator: Sendable {
  /// The content that the file should have.
  public enum Shape: Sendable {
    /// An array of records, or an object whose values are the records.
    case records
    /// One record (`singleRecord`).
    case singleRecord
    /// Unknown: no control file describes the file.
    case any
  }

  private var parser: JSONParser<RecordConsumer>

  /// Begins a file that should have the given shape.
  public init(shape: Shape, fields: ReferencedFields = ReferencedFields()) {
    parser = JSONParser(RecordConsumer(shape: shape, fields: fields))
  }

  /// Takes the next piece of the file.
  public mutating func take(_ piece: UnsafeRawBufferPointer) { parser.take(piece) }

  /// Ends the file. Returns all findings.
  public mutating func finish() -> ValidationFindings { parser.finish() }

  /// The referenced fields, with those marked that a record has had so far.
  public var fields: ReferencedFields { parser.consumer.fields }
  /// Records so far.
  public var records: Int { parser.consumer.records }
}

/// A value that is neither object nor array in the place of a record, or of all records.
struct RecordProblem: CustomStringConvertible {
  /// The first byte of the value.
  var first: UInt8
  var isRecord: Bool
  /// True for a value of the outermost object.
  var isMember: Bool

  var description: String {
    if !isRecord { return "the file holds \(kind), not an array of records" }
    if first == UInt8(ascii: "n") { return "a record is null; the server's job fails at it" }
    let remedy = isMember ? "; if the file is one record, set \"singleRecord\": true in the control file" : ""
    return "a record is \(kind), not an object or array, so the server reads no field of it\(remedy)"
  }

  private var kind: String {
    switch first {
    case UInt8(ascii: "\""): "a string"
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): "true or false"
    default: "null"
    }
  }
}
