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

extension JSONValue {
  /// The value on one line, members in their order.
  var text: String {
    var output = ""
    write(to: &output)
    return output
  }

  private func write(to output: inout String) {
    switch self {
    case .null, .bool, .number: output += scriptText
    case .string(let text): Self.writeString(text, to: &output)
    case .array(let values):
      output += "["
      for (index, value) in values.enumerated() {
        if index > 0 { output += "," }
        value.write(to: &output)
      }
      output += "]"
    case .object(let members):
      output += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { output += "," }
        Self.writeString(member.name, to: &output)
        output += ":"
        member.value.write(to: &output)
      }
      output += "}"
    }
  }

  private static func writeString(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
