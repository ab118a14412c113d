/// Examines a control file as the server does, in its words. Each of its checks says one thing at the most;
/// of several faulty files it names the last.
struct ControlFileCheck {
  let models: Set<String>?
  let readers: Set<String>

  /// The answer to an upload that is refused, nil when the file is a control file.
  func refusal(of bytes: [UInt8]) -> HTTPAnswer? {
    guard let value = JSONReader.parse(bytes) else { return Answers.notJSON }
    switch value {
    // JavaScript's `in`, with which the server looks for members, throws on these.
    case .null, .number, .bool, .string: return Answers.scriptError
    case .array, .object: break
    }
    do throws(ScriptError) {
      let errors = try [version(value), model(value), instructions(value), files(value), processor(value)]
        .compactMap { $0 }
      return errors.isEmpty ? nil : Answers.invalidControl(errors)
    } catch {
      return Answers.scriptError
    }
  }

  private func version(_ control: JSONValue) -> String? {
    guard let version = control["dataImportControlFileVersion"] else { return "Not a control file" }
    return version == .number(0) ? nil : "Bad version of control file, should be 0"
  }

  private func model(_ control: JSONValue) -> String? {
    guard let model = control["model"] else {
      return "Control file does not specify model in the model property"
    }
    return isKnown(model) ? nil : "Model not implemented: \(model.scriptText)"
  }

  private func isKnown(_ model: JSONValue) -> Bool {
    models?.contains(model.scriptText) ?? model.scriptText.contains(":")
  }

  private func instructions(_ control: JSONValue) throws(ScriptError) -> String? {
    guard let instructions = control["instructions"] else {
      return "Control file does not specify processing instructions in the instructions property"
    }
    return try InstructionCheck().error(in: instructions)
  }

  private func files(_ control: JSONValue) throws(ScriptError) -> String? {
    guard let files = control["files"] else { return "Control file does not have files property" }
    var error: String?
    for (name, value) in files.entries { error = try file(name, value) ?? error }
    return error
  }

  private func file(_ name: String, _ value: JSONValue) throws(ScriptError) -> String? {
    // JavaScript's `in` again.
    guard value.isObject else { throw ScriptError() }
    guard let reader = value["read"] else { return "Reader not specified for file \(name)" }
    return readers.contains(reader.scriptText) ? nil : "Unknown reader for file \(name): \(reader.scriptText)"
  }

  /// Every record processor with a name is known: plugins bring them.
  private func processor(_ control: JSONValue) -> String? {
    switch control["recordProcessor"] {
    case nil, .string?, .array?: nil
    case let value?: "Unknown record processor specified in recordProcessor property: \(value.scriptText)"
    }
  }
}

/// An exception in the server's own script, which is answered with a page and status 500.
struct ScriptError: Error {}

extension JSONValue {
  /// True where JavaScript's `in` does not throw.
  var isObject: Bool {
    switch self {
    case .array, .object: true
    case .null, .bool, .number, .string: false
    }
  }

  /// True for the values that JavaScript takes for true.
  var isTruthy: Bool {
    switch self {
    case .null, .bool(false), .number(0), .string(""): false
    default: true
    }
  }

  /// The members that a loop of the server meets: of duplicate names the last value, in the place of the first.
  fileprivate var entries: [(String, JSONValue)] {
    switch self {
    case .array(let values): return values.enumerated().map { (String($0.offset), $0.element) }
    case .object(let members):
      var seen: Set<[UInt8]> = []
      let names = members.map(\.name).filter { seen.insert(Array($0.utf8)).inserted }
      return names.map { ($0, self[$0] ?? .null) }
    // JavaScript loops over the characters of a text, and `in` throws on the first.
    case .string(let text): return text.map { (String($0), .string(String($0))) }
    case .null, .bool, .number: return []
    }
  }
}
