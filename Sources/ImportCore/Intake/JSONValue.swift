/// A value of a JSON text that remembers where it stands, so that a finding about it can name the place.
public struct JSONValue: Hashable, Sendable {
  /// The kinds of values.
  public indirect enum Content: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number as it is written; what it is worth is for the reader to decide.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
  }

  /// What it is.
  public var content: Content
  /// Where its first byte stands in the text.
  public var offset: Int

  /// The members of an object; nil for anything else.
  public var members: [JSONMember]? {
    if case .object(let members) = content { members } else { nil }
  }

  /// The elements of an array; nil for anything else.
  public var elements: [JSONValue]? {
    if case .array(let elements) = content { elements } else { nil }
  }

  /// The text of a string; nil for anything else.
  public var string: String? {
    if case .string(let string) = content { string } else { nil }
  }

  /// The value of a member of an object; of a doubled key the last one, as most readers take it.
  public subscript(key: String) -> JSONValue? {
    members?.last { ExactText($0.key) == ExactText(key) }?.value
  }

  /// The kind for people: `a string`.
  public var kind: String {
    switch content {
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
public struct JSONMember: Hashable, Sendable {
  /// The key.
  public var key: String
  /// Where the key's quotation mark stands.
  public var keyOffset: Int
  /// The value.
  public var value: JSONValue
}

/// A text that is equal only to the same bytes. Swift's strings are equal when they look the same (an é in one
/// code point or in two), but to the kernel and to the server these are two names.
public struct ExactText: Hashable, Comparable, Sendable {
  /// The text.
  public let text: String

  /// Takes a text.
  public init(_ text: String) { self.text = text }

  public static func == (left: ExactText, right: ExactText) -> Bool {
    guard left.text.utf8.count == right.text.utf8.count else { return false }
    return unsafe left.withBytes { left in unsafe right.withBytes { unsafe left.elementsEqual($0) } }
  }

  public static func < (left: ExactText, right: ExactText) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    unsafe withBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// All bytes at once: names are compared and looked up for each event, and byte by byte that is most of the work.
  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let result = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe body(UnsafeRawBufferPointer(bytes))
    }
    return unsafe result ?? Array(text.utf8).withUnsafeBytes { unsafe body($0) }
  }
}
