/// A value of a JSON text, as a view of the text that it stands in.
public struct JSONValue: Sendable {
  /// The kinds of values.
  public enum Kind: Sendable {
    case null, boolean, number, string, array, object
  }

  let document: JSONDocument
  let index: Int

  private var node: JSONNode { document.nodes[index] }
  private var bytes: ArraySlice<UInt8> { document.bytes[Int(node.start)..<Int(node.end)] }
  private var isString: Bool { node.kind == .plain || node.kind == .escaped }

  /// The kind of the value.
  public var kind: Kind {
    switch node.kind {
    case .object: .object
    case .array: .array
    case .number: .number
    case .yes, .no: .boolean
    case .null: .null
    case .plain, .escaped: .string
    }
  }

  /// Place of its first byte in the text.
  public var offset: Int { Int(node.start) - (isString ? 1 : 0) }

  /// The text of a string, and nil for anything else.
  public var string: String? {
    switch node.kind {
    case .plain: String(decoding: bytes, as: UTF8.self)
    case .escaped: JSONEscape.decode(bytes)
    default: nil
    }
  }

  /// The text of a number as it is written, and nil for anything else.
  public var number: String? { node.kind == .number ? String(decoding: bytes, as: UTF8.self) : nil }

  /// True for the value `true`.
  public var isTrue: Bool { node.kind == .yes }

  /// The elements of an array, and nil for anything else.
  public var elements: [JSONValue]? {
    guard node.kind == .array else { return nil }
    var elements: [JSONValue] = []
    var at = index + 1
    while at < Int(node.next) {
      elements.append(JSONValue(document: document, index: at))
      at = Int(document.nodes[at].next)
    }
    return elements
  }

  /// The members of an object, and nil for anything else.
  public var members: [JSONMember]? {
    guard node.kind == .object else { return nil }
    var members: [JSONMember] = []
    forEachKey { key in
      members.append(JSONMember(name: JSONValue(document: document, index: key), value: after(key)))
    }
    return members
  }

  /// The value of a member of an object; of duplicate keys the last one, as the server takes it.
  public subscript(key: String) -> JSONValue? {
    guard node.kind == .object else { return nil }
    var found: JSONValue?
    forEachKey { index in
      if JSONValue(document: document, index: index).isString(key) { found = after(index) }
    }
    return found
  }

  private func after(_ key: Int) -> JSONValue { JSONValue(document: document, index: key + 1) }

  private func isString(_ text: String) -> Bool {
    if node.kind == .plain { return bytes.elementsEqual(text.utf8) }
    return string.map { ExactText($0) == ExactText(text) } ?? false
  }

  private func forEachKey(_ body: (Int) -> Void) {
    var key = index + 1
    while key < Int(node.next) {
      body(key)
      key = Int(document.nodes[key + 1].next)
    }
  }

  /// True for the values that JavaScript, and so the server, takes for true.
  var isTruthy: Bool {
    switch node.kind {
    case .null, .no: false
    case .number: number.flatMap(Double.init) != 0
    case .plain, .escaped: !bytes.isEmpty
    case .yes, .array, .object: true
    }
  }

  /// The text that JavaScript, and so the server, makes of the value where it needs one.
  var scriptText: String {
    switch node.kind {
    case .null: "null"
    case .yes: "true"
    case .no: "false"
    case .number:
      number.flatMap(Double.init).map { value in
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
      } ?? ""
    case .plain, .escaped: string ?? ""
    case .array: elements?.map { $0.kind == .null ? "" : $0.scriptText }.joined(separator: ",") ?? ""
    case .object: "[object Object]"
    }
  }

  /// The kind for people: `a string`.
  var kindText: String {
    switch kind {
    case .null: "null"
    case .boolean: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// One `"key": value` of an object.
public struct JSONMember: Sendable {
  /// The key, as the string that it is.
  public var name: JSONValue
  public var value: JSONValue

  /// The key's text.
  public var key: String { name.string ?? "" }
}

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
