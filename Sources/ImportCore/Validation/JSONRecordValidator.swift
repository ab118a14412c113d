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

/// Follows the records through the values of a file.
private struct RecordConsumer: JSONConsumer {
  private struct Container {
    var isObject: Bool
    /// The node of ``ReferencedFields`` whose fields its keys are, or its elements' keys.
    var node: Int
    /// Elements so far, counted where a record is an array, whose fields are its indexes.
    var elements = 0
  }

  let shape: JSONRecordValidator.Shape
  var fields: ReferencedFields
  private(set) var records = 0
  private var containers: [Container] = []
  /// The node for the value of the current key.
  private var keyNode = ReferencedFields.nowhere
  /// True for the value of a key that its object had before, which replaces a record.
  private var isReplacement = false

  init(shape: JSONRecordValidator.Shape, fields: ReferencedFields) {
    self.shape = shape
    self.fields = fields
  }

  /// Depth of a record: 0 is the outermost value.
  private var recordDepth: Int { shape == .singleRecord ? 0 : 1 }

  @inline(__always)
  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> RecordProblem? {
    let problem = depth <= 1 ? beginShallow(first, depth) : nil
    let isObject = first == UInt8(ascii: "{")
    guard isObject || first == UInt8(ascii: "[") else {
      if depth > 0 { _ = nodeOfValue(depth) }
      return problem
    }
    containers.append(Container(isObject: isObject, node: nodeOfValue(depth)))
    return problem
  }

  mutating func beginKey(at offset: Int) {}
  mutating func endString(at offset: Int, hasEscapes: Bool) {}
  mutating func endScalar(at offset: Int) {}
  mutating func close(at offset: Int) { containers.removeLast() }

  @inline(__always)
  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int) {
    isReplacement = !isNew
    // The keys of the outermost object name records, not fields, unless it is the one record itself.
    keyNode =
      depth <= recordDepth
      ? ReferencedFields.nowhere : fields.see(hash, in: containers[containers.count - 1].node)
  }

  /// The node for the value that begins now.
  @inline(__always)
  private mutating func nodeOfValue(_ depth: Int) -> Int {
    if depth <= recordDepth && depth <= 1 {
      return depth == recordDepth ? ReferencedFields.record : ReferencedFields.nowhere
    }
    let container = containers[containers.count - 1]
    if container.isObject { return keyNode }
    guard depth == recordDepth + 1 else { return container.node }
    containers[containers.count - 1].elements += 1
    guard fields.unseen > 0 else { return ReferencedFields.nowhere }
    return fields.see(FieldNameHash(String(container.elements).utf8), in: container.node)
  }

  /// Counts a record, and checks the outermost value or a record as a whole.
  private mutating func beginShallow(_ first: UInt8, _ depth: Int) -> RecordProblem? {
    if depth == recordDepth, !isReplacement || containers.last?.isObject != true { records += 1 }
    isReplacement = false
    let isContainer = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    guard !isContainer, depth <= recordDepth, shape != .any || depth == 0 else { return nil }
    // The server takes null in place of the whole file for no records.
    if depth < recordDepth, first == UInt8(ascii: "n") { return nil }
    return RecordProblem(
      first: first, isRecord: depth == recordDepth, isMember: containers.last?.isObject == true)
  }
}
