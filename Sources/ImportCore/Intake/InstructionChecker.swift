/// Checks the instructions of a control file: a known action, the properties that it needs, and nested lists likewise.
/// The server stops at the first error; this checker reports the others too.
struct InstructionChecker {
  let places: TextPlaces
  private(set) var findings: ValidationFindings
  /// True after an error.
  private(set) var isInvalid = false

  /// Destinations that a `for-each` has made ready with `new` or `load`; nil outside `for-each`.
  private typealias Ready = Set<ExactText>?

  /// Checks the control file's own list.
  mutating func check(_ list: JSONValue, named name: String) {
    var ready: Ready = nil
    check(list, name, &ready)
  }

  private mutating func check(_ list: JSONValue?, _ name: String, _ ready: inout Ready) {
    // The server takes every false value for an empty list.
    guard let list, list.isTruthy else { return }
    guard let elements = list.elements else {
      return note(list, "\(name) is \(list.kindText), not an array; the server's job fails at it")
    }
    for element in elements { checkInstruction(element, &ready) }
  }

  private mutating func checkInstruction(_ instruction: JSONValue, _ ready: inout Ready) {
    guard instruction.kind == .object || instruction.kind == .array else {
      return note(instruction, "an instruction is \(instruction.kindText), not an object")
    }
    let given = instruction["action"].flatMap { $0.isTruthy ? $0 : nil }
    let action = given?.scriptText ?? "field"
    guard let needed = Self.needed[action] else {
      return note(given ?? instruction, "Unknown action in instruction: \(action)")
    }
    let missing = needed.filter { instruction[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.joined(separator: ", ")
      return note(instruction, "Expected property not found in \(action) instruction: \(names)")
    }
    // The server compares with the exact string here, so an action that is an array has no such rules.
    if given == nil || given?.kind == .string { checkDestination(instruction, action, &ready) }
    checkNested(instruction, action, isForEach: action == "for-each" && given?.kind == .string, &ready)
    if action == "field", given == nil || given?.kind == .string, let filters = instruction["filters"],
      filters.kind != .array
    {
      note(filters, "'filters' property is not an array")
    }
  }

  /// Inside `for-each`, an assignment needs a `new` or `load` of its destination before it, or several values.
  private mutating func checkDestination(_ instruction: JSONValue, _ action: String, _ ready: inout Ready) {
    guard ready != nil, let destination = instruction["destination"] else { return }
    let isAssignment = Self.assignments.contains(action)
    guard let name = destination.string.map(ExactText.init) else {
      if isAssignment {
        note(destination, "destination is \(destination.kindText), not a string; the server fails at it")
      }
      return
    }
    if action == "new" || action == "load" {
      ready?.insert(name)
    } else if isAssignment, ready?.contains(name) == false, instruction["multivalue"]?.isTruthy != true {
      note(
        instruction,
        "Assigning values within for-each without a new/load statement or setting multivalue property will result"
          + " in overwritten data")
    }
  }

  private mutating func checkNested(
    _ instruction: JSONValue, _ action: String, isForEach: Bool, _ ready: inout Ready
  ) {
    for list in Self.nested[action] ?? [] {
      if isForEach {
        var inside: Ready = []
        check(instruction[list], list, &inside)
      } else {
        check(instruction[list], list, &ready)
      }
    }
    // The server checks this list only when the job begins, and then only that its actions are known.
    guard action == "load", let otherwise = instruction["otherwise"], otherwise.isTruthy else { return }
    guard let elements = otherwise.elements else {
      return note(otherwise, "otherwise is \(otherwise.kindText), not an array; the server's job fails at it")
    }
    for element in elements { checkOtherwise(element) }
  }

  private mutating func checkOtherwise(_ instruction: JSONValue) {
    if instruction.kind == .null { return note(instruction, "an instruction is null, not an object") }
    guard let action = instruction["action"], action.isTruthy, Self.needed[action.scriptText] == nil else {
      return
    }
    note(action, "Unknown action in instruction: \(action.scriptText)")
  }

  private mutating func note(_ value: JSONValue, _ message: String) {
    isInvalid = true
    findings.add(ValidationFinding(.error, places.place(of: value.offset), message))
  }

  private static let assignments: Set<String> = ["field", "field-structured", "set-value"]

  /// Properties that an instruction needs, by action. The server's table is closed.
  private static let needed: [String: [String]] = [
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

  /// Properties that hold instructions again, by action.
  private static let nested: [String: [String]] = [
    "if-exists": ["then", "else"],
    "if-value-one-of": ["then", "else"],
    "if-has-value": ["then", "else"],
    "for-each": ["instructions"],
    "within": ["instructions"],
  ]
}
