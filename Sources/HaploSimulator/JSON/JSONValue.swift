/// Holds a JSON value with the members of objects in the order in which they were written, for the server's
/// complaints about a control file follow that order.
enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  /// Looks up a member of an object; of two with one name the later wins, as in JavaScript.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// What JavaScript's string concatenation makes of it, for the server's words.
  var scriptText: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .number(let value): Self.numberText(value)
    case .string(let text): text
    case .array(let values): values.map { $0 == .null ? "" : $0.scriptText }.joined(separator: ",")
    case .object: "[object Object]"
    }
  }

  /// The number in its shortest form, whole ones without a fraction.
  static func numberText(_ value: Double) -> String {
    guard let whole = Int64(exactly: value) else { return String(value) }
    return String(whole)
  }
}

/// One member of a JSON object.
struct JSONMember: Equatable, Sendable {
  var name: String
  var value: JSONValue
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
  init(stringLiteral value: String) { self = .string(value) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember(name: $0.0, value: $0.1) })
  }
  init(_ count: some BinaryInteger) { self = .number(Double(count)) }
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}
