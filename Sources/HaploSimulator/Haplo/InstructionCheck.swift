/// Examines a control file's instructions: known action, the properties it needs, nested lists likewise.
enum InstructionCheck {
  private static let properties: [String: [String]] = [
    "field": ["source", "destination", "name"],
    "field-structured": ["structured", "destination", "name"],
    "set-value": ["destination", "name", "value"],
    "remove-values": ["destination", "name"],
    "if-exists": ["source"],
    "if-value-one-of": ["source"],
    "if-has-value": ["destination", "name"],
    "within": ["source"],
    "for-each": ["source"],
    "assert-destination": ["destination", "exists"],
    "abort-record": ["message"],
    "log-error": ["message"],
    "new": ["destination"],
    "load": ["destination", "using"],
  ]

  private static func nestedLists(of action: String) -> [String] {
    switch action {
    case "if-exists", "if-value-one-of", "if-has-value": ["then", "else"]
    case "for-each", "within": ["instructions"]
    default: []
    }
  }

  /// The first thing that is wrong, nil when nothing is. What is no list has no instructions.
  static func error(in list: JSONValue) -> String? {
    guard case .array(let instructions) = list else { return nil }
    for instruction in instructions {
      if let error = error(ofOne: instruction) { return error }
    }
    return nil
  }

  private static func error(ofOne instruction: JSONValue) -> String? {
    let action = action(of: instruction)
    guard let expected = properties[action] else { return "Unknown action in instruction: \(action)" }
    let missing = expected.filter { instruction[$0] == nil }
    guard missing.isEmpty else {
      return "Expected property not found in \(action) instruction: \(missing.joined(separator: ", "))"
    }
    for name in nestedLists(of: action) {
      if let list = instruction[name], let error = error(in: list) { return error }
    }
    return nil
  }

  private static func action(of instruction: JSONValue) -> String {
    switch instruction["action"] {
    case nil, .null, .string(""), .bool(false), .number(0): "field"
    case let value?: value.scriptText
    }
  }
}
