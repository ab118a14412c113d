/// A whole JSON text (RFC 8259): its value, if it has one, and its findings. Duplicate keys and halves of surrogate pairs
/// are warnings. Nesting is limited, so that no text can exhaust the stack.
public struct JSONText: Sendable {
  /// Arrays and objects inside one another, at most.
  public static let depthLimit = 512

  /// The value; nil for a text with a syntax error.
  public let value: JSONValue?
  /// The findings, in the order of the text. Parsing ends at the first syntax error.
  public let findings: ValidationFindings

  /// Parses a text of less than 4 GiB.
  public init(_ bytes: [UInt8]) {
    var parser = JSONParser(JSONIndexBuilder())
    bytes.withUnsafeBytes { parser.take($0) }
    findings = parser.finish()
    // A byte order mark is an error, but no reason not to examine the rest.
    let isWhole = parser.isComplete && bytes.count < UInt32.max
    value =
      isWhole ? JSONValue(document: JSONDocument(bytes: bytes, nodes: parser.consumer.nodes), index: 0) : nil
  }
}

/// A text and the index of its values.
struct JSONDocument: Sendable {
  let bytes: [UInt8]
  let nodes: [JSONNode]
}

/// One value of a JSON text, or a key of an object.
struct JSONNode: Sendable {
  enum Kind: UInt8, Sendable {
    case object, array, number, yes, no, null
    /// A string without escapes, and one with some.
    case plain, escaped
  }

  var kind: Kind
  /// First byte; of a string, the one after its quotation mark.
  var start: UInt32
  /// The byte behind the last one; of a string, its closing quotation mark.
  var end: UInt32 = 0
  /// Index of the node behind this value and everything inside it.
  var next: UInt32 = 0
}
