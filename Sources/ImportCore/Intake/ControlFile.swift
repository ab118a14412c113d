/// The content of a valid control file that this program uses: which files belong to a set, how the server reads them,
/// and which fields its instructions read. One parse makes all of it.
public struct ControlFile: Hashable, Sendable {
  /// One key of `files`.
  public struct File: Hashable, Sendable {
    /// The key: the `name` of the upload.
    public var key: String
    /// How the server reads the file.
    public var options: ReaderOptions
    /// Place of the key in the control file.
    public var place: TextPlace
  }

  /// A control file with more bytes than this is refused unread.
  public static let largest = 16 << 20
  /// The key of `files` that is no file's name but stands for files of any other name.
  public static let defaultKey = "DEFAULT"

  /// The keys of `files` in the order of the text, each once, without `DEFAULT`.
  public var files: [File]
  /// The entry `DEFAULT` of `files`, with which the control file alone does not name all files of the set.
  public var defaultFile: File?
  /// The fields that instructions read from records.
  public var fields: ReferencedFields
  /// Warnings, and errors in the readers' options.
  public var findings: ValidationFindings

  /// True if `files` has `DEFAULT`.
  public var hasDefault: Bool { defaultFile != nil }

  /// How the server reads each file that has a key of its own.
  public var optionsByKey: [ExactText: ReaderOptions] {
    Dictionary(files.map { (ExactText($0.key), $0.options) }, uniquingKeysWith: { _, last in last })
  }

  /// A valid control file, or the findings about an invalid one.
  public enum Reading: Hashable, Sendable {
    case valid(ControlFile)
    case invalid(ValidationFindings)
  }

  /// Parses a control file and checks it by the server's rules, in the server's words where it has some. Models, readers
  /// and filters that plugins add are left to the server. Time and memory grow linearly with the text.
  public static func read(_ bytes: [UInt8]) -> Reading {
    guard bytes.count <= largest else { return .invalid(.tooLarge) }
    let text = JSONText(bytes)
    guard let value = text.value else { return .invalid(text.findings) }
    var checker = ControlChecker(places: TextPlaces(bytes), findings: text.findings)
    let control = checker.check(value)
    guard let control, !checker.isInvalid else { return .invalid(checker.findings) }
    return .valid(control)
  }

  /// The error in a control file with more than ``largest`` bytes.
  public static let tooLarge = "the control file has more than 16 MiB"
}

extension ValidationFindings {
  /// The finding about a control file with more than ``ControlFile/largest`` bytes.
  public static var tooLarge: ValidationFindings {
    var findings = ValidationFindings()
    findings.add(ValidationFinding(.error, ControlFile.tooLarge))
    return findings
  }
}

/// Checks the value of a control file by the server's rules.
private struct ControlChecker {
  let places: TextPlaces
  private(set) var findings: ValidationFindings
  /// True if the control file breaks a rule. Errors in readers' options alone do not make it invalid.
  private(set) var isInvalid: Bool

  /// Begins with the findings about the text itself.
  init(places: TextPlaces, findings: ValidationFindings) {
    self.places = places
    self.findings = findings
    isInvalid = findings.hasErrors
  }

  /// Checks all rules. Returns nil only where the value is no object at all.
  mutating func check(_ value: JSONValue) -> ControlFile? {
    guard value.kind == .object else {
      note(value, "Not a control file: it is \(value.kindText), not an object")
      return nil
    }
    checkVersion(value)
    checkModel(value)
    checkInstructions(value)
    var control = checkFiles(value)
    checkProcessor(value)
    control.fields = ReferencedFields(control: value, places: places)
    control.findings = findings
    return control
  }

  private mutating func checkVersion(_ control: JSONValue) {
    guard let version = control["dataImportControlFileVersion"] else {
      return note(control, "Not a control file: it has no dataImportControlFileVersion")
    }
    if version.number.flatMap(Double.init) == 0 { return }
    note(version, "Bad version of control file, should be 0")
  }

  private mutating func checkModel(_ control: JSONValue) {
    guard let model = control["model"] else {
      return note(control, "Control file does not specify model in the model property")
    }
    if isName(model) { return }
    note(model, "Model not implemented: \(model.scriptText)")
  }

  /// True for a value that may be the name of something that the server or one of its plugins knows. JavaScript takes an
  /// array of one string for that string.
  private func isName(_ value: JSONValue) -> Bool {
    let name = value.elements.map { $0.count == 1 ? $0[0] : value } ?? value
    return name.string?.isEmpty == false
  }

  private mutating func checkInstructions(_ control: JSONValue) {
    guard let instructions = control["instructions"] else {
      return note(
        control, "Control file does not specify processing instructions in the instructions property")
    }
    var checker = InstructionChecker(places: places, findings: findings)
    checker.check(instructions, named: "instructions")
    findings = checker.findings
    isInvalid = isInvalid || checker.isInvalid
  }

  private mutating func checkProcessor(_ control: JSONValue) {
    guard let processor = control["recordProcessor"], !isName(processor) else { return }
    note(processor, "Unknown record processor specified in recordProcessor property: \(processor.scriptText)")
  }

  private mutating func checkFiles(_ control: JSONValue) -> ControlFile {
    var result = ControlFile(
      files: [], defaultFile: nil, fields: ReferencedFields(), findings: ValidationFindings())
    guard let files = control["files"] else {
      note(control, "Control file does not have files property")
      return result
    }
    guard let members = files.members else {
      note(files, "files is \(files.kindText), not an object")
      return result
    }
    // Of duplicate keys the server uses the last one, in the place of the first.
    var last: [ExactText: JSONMember] = [:]
    var keys: [ExactText] = []
    for member in members {
      let key = ExactText(member.key)
      if last.updateValue(member, forKey: key) == nil { keys.append(key) }
    }
    for key in keys {
      guard let member = last[key], let file = checkFile(member, key.text) else { continue }
      if key.text == ControlFile.defaultKey { result.defaultFile = file } else { result.files.append(file) }
    }
    return result
  }

  private mutating func checkFile(_ member: JSONMember, _ key: String) -> ControlFile.File? {
    guard member.value.kind == .object, let read = member.value["read"] else {
      note(member.value, "Reader not specified for file \(key)")
      return nil
    }
    guard isName(read) else {
      note(read, "Unknown reader for file \(key): \(read.scriptText)")
      return nil
    }
    return ControlFile.File(
      key: key, options: ReaderOptions(member.value, places, &findings),
      place: places.place(of: member.name.offset))
  }

  private mutating func note(_ value: JSONValue, _ message: String) {
    isInvalid = true
    findings.add(ValidationFinding(.error, places.place(of: value.offset), message))
  }
}
