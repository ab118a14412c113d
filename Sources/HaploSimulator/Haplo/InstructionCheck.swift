/// Examines a control file's instructions as the server does: known action, the properties it needs, nested lists likewise.
struct InstructionCheck {
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

  private static let nested: [String: [String]] = [
    "if-exists": ["then", "else"], "if-value-one-of": ["then", "else"], "if-has-value": ["then", "else"],
    "for-each": ["instructions"], "within": ["instructions"],
  ]

  /// The destinations that a list inside `for-each`, and the lists nested in it, have made ready; shared, as in JavaScript.
  private final class Ready {
    var destinations: Set<[UInt8]> = []
  }

  /// The first thing that is wrong, nil when nothing is.
  func error(in list: JSONValue) throws(ScriptError) -> String? { try error(in: list, nil) }

  private func error(in list: JSONValue?, _ ready: Ready?) throws(ScriptError) -> String? {
    guard let list, list.isTruthy else { return nil }
    switch list {
    case .array(let instructions):
      for instruction in instructions {
        if let error = try error(ofOne: instruction, ready) { return error }
      }
      return nil
    // The loop goes by `length`, which a text has, and an object may have.
    case .string: throw ScriptError()
    case .object:
      if case .number(let length)? = list["length"], length > 0 { throw ScriptError() }
      return nil
    case .null, .bool, .number: return nil
    }
  }

  private func error(ofOne instruction: JSONValue, _ ready: Ready?) throws(ScriptError) -> String? {
    guard instruction.isObject else { throw ScriptError() }
    let given = instruction["action"].flatMap { $0.isTruthy ? $0 : nil }
    let action = given?.scriptText ?? "field"
    // The server's table inherits the members of every JavaScript object; none of them is a list of properties.
    if Self.inherited.contains(action) { throw ScriptError() }
    guard let expected = Self.properties[action] else { return "Unknown action in instruction: \(action)" }
    let missing = expected.filter { instruction[$0] == nil }
    guard missing.isEmpty else {
      return "Expected property not found in \(action) instruction: \(missing.joined(separator: ", "))"
    }
    // Compared with `===`, so an action that is an array has no such rules.
    var name = ""
    if given == nil { name = "field" } else if case .string(let text)? = given { name = text }
    if let ready, let error = try assignmentError(instruction, name, ready) { return error }
    for list in Self.nested[action] ?? [] {
      let inside = name == "for-each" ? Ready() : ready
      if let error = try error(in: instruction[list], inside) { return error }
    }
    if name == "field", let filters = instruction["filters"] {
      guard case .array = filters else { return "'filters' property is not an array" }
    }
    return nil
  }

  private func assignmentError(
    _ instruction: JSONValue, _ action: String, _ ready: Ready
  ) throws(ScriptError) -> String? {
    let isAssignment = ["field", "field-structured", "set-value"].contains(action)
    guard case .string(let text)? = instruction["destination"] else {
      if isAssignment { throw ScriptError() }
      return nil
    }
    let destination = Array(text.utf8)
    if action == "new" || action == "load" { ready.destinations.insert(destination) }
    guard isAssignment, !ready.destinations.contains(destination), instruction["multivalue"]?.isTruthy != true
    else { return nil }
    return
      "Assigning values within for-each without a new/load statement or setting multivalue property will "
      + "result in overwritten data"
  }

  private static let inherited: Set<String> = [
    "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf",
    "propertyIsEnumerable", "toSource", "__proto__", "__defineGetter__", "__defineSetter__",
    "__lookupGetter__", "__lookupSetter__",
  ]
}
