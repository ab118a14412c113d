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
    let errors = [version(value), model(value), instructions(value), files(value)].compactMap { $0 }
    return errors.isEmpty ? nil : Answers.invalidControl(errors)
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
    guard case .string(let name) = model else { return false }
    return models?.contains(name) ?? name.contains(":")
  }

  private func instructions(_ control: JSONValue) -> String? {
    guard let instructions = control["instructions"] else {
      return "Control file does not specify processing instructions in the instructions property"
    }
    return InstructionCheck.error(in: instructions)
  }

  private func files(_ control: JSONValue) -> String? {
    guard let files = control["files"] else { return "Control file does not have files property" }
    guard case .object(let members) = files else { return nil }
    return members.compactMap(file).last
  }

  private func file(_ member: JSONMember) -> String? {
    guard let reader = member.value["read"] else { return "Reader not specified for file \(member.name)" }
    if case .string(let name) = reader, readers.contains(name) { return nil }
    return "Unknown reader for file \(member.name): \(reader.scriptText)"
  }
}
