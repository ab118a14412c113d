/// Checks the value of a control file, rule by rule.
struct ControlChecker {
  private(set) var problems: [JSONReader.Problem] = []

  /// Checks all rules; nil only where the value is no object at all.
  mutating func check(_ value: JSONValue) -> ControlFile? {
    guard value.members != nil else {
      note(value, "Not a control file: it is \(value.kind), not an object")
      return nil
    }
    checkVersion(value)
    checkModel(value)
    checkInstructions(value)
    return checkFiles(value)
  }

  private mutating func checkVersion(_ control: JSONValue) {
    guard let version = control["dataImportControlFileVersion"] else {
      return note(control, "Not a control file: it has no dataImportControlFileVersion")
    }
    if case .number(let text) = version.content, Double(text) == 0 { return }
    note(version, "Bad version of control file, should be 0")
  }

  private mutating func checkModel(_ control: JSONValue) {
    let model = control["model"]
    if let name = model?.string, !name.isEmpty { return }
    note(model ?? control, "Control file does not specify model in the model property")
  }

  private mutating func checkInstructions(_ control: JSONValue) {
    guard let instructions = control["instructions"] else {
      return note(control, "Control file does not have instructions property")
    }
    checkList(instructions, "instructions")
  }

  private mutating func checkFiles(_ control: JSONValue) -> ControlFile {
    var result = ControlFile(files: [], hasDefault: false)
    guard let files = control["files"], let members = files.members else {
      note(control["files"] ?? control, "Control file does not have files property")
      return result
    }
    for member in members {
      guard let reader = checkReader(member) else { continue }
      if member.key == ControlFile.defaultKey {
        result.hasDefault = true
      } else {
        result.files.append(.init(key: member.key, reader: reader, description: member.value))
      }
    }
    return result
  }

  private mutating func checkReader(_ member: JSONMember) -> String? {
    if let reader = member.value["read"]?.string, !reader.isEmpty { return reader }
    let place = member.value["read"] ?? member.value
    note(place, "Reader not specified for file \(member.key)")
    return nil
  }

  private mutating func checkList(_ value: JSONValue, _ name: String) {
    guard let elements = value.elements else { return note(value, "\(name) is \(value.kind), not an array") }
    for element in elements { checkInstruction(element) }
  }

  private mutating func checkInstruction(_ instruction: JSONValue) {
    guard instruction.members != nil else {
      return note(instruction, "an instruction is \(instruction.kind), not an object")
    }
    let action = instruction["action"]
    guard let name = action == nil ? "field" : action?.string else {
      return note(action ?? instruction, "an instruction's action is not a string")
    }
    for property in Self.needed[name] ?? [] where instruction[property] == nil {
      note(instruction, "instruction \(name) does not have property \(property)")
    }
    for list in Self.nested[name] ?? [] {
      if let value = instruction[list] { checkList(value, list) }
    }
  }

  private mutating func note(_ value: JSONValue, _ message: String) {
    problems.append(.init(offset: value.offset, message: message))
  }

  /// Properties that an instruction needs, by action (PROTOCOL, "The control file").
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
