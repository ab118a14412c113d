/// Finds the file for each key of a control file (docs/exporters.md, "What a set is").
struct ControlMapping {
  let rules: IntakeRules
  let index: DropIndex
  /// Name of the folder with a slash, or nothing for a flat set: what the paths of findings begin with.
  let prefix: String

  /// The files found, in the order of the keys, and what is wrong with the others.
  func map(_ control: ControlFile) -> (files: [MappedFile], findings: [IntakeFinding]) {
    var files: [MappedFile] = []
    var findings: [IntakeFinding] = []
    for key in control.files.map(\.key) {
      switch file(for: key) {
      case .success(let name): files.append(MappedFile(key: key, file: name))
      case .failure(let problem):
        var finding = problem.finding
        finding.key = key
        findings.append(finding)
      }
    }
    findings += doublyMeant(files)
    if control.hasDefault { files += others(than: files) }
    return (files, findings)
  }

  private struct Problem: Error {
    let finding: IntakeFinding
  }

  private func file(for key: String) -> Result<String, Problem> {
    guard let rule = rules.fileRules[ExactText(key)] else { return fileNamed(after: key) }
    if rule.isLiteral {
      let name = rule.pattern
      return isCandidate(name)
        ? .success(name) : missing(key, "no file '\(name.shown)' (File.\(key.shown)=)", at: name)
    }
    let names = index.names(matching: rule).filter(isCandidate)
    return only(names, key, none: "no file that matches '\(rule.pattern)' (File.\(key.shown)=)")
  }

  private func fileNamed(after key: String) -> Result<String, Problem> {
    guard DropName.isPlain(key) else {
      return .failure(
        Problem(
          finding: IntakeFinding(
            prefix + (rules.controlFileName ?? DropName.control),
            "the key \(Self.shown(key)) is not a plain file name",
            remedy: "name the file in the source's configuration (File.KEY=) or change the control file",
            isFinal: true)))
    }
    if isCandidate(key) { return .success(key) }
    let names = index.names(withStem: key).filter(isCandidate)
    return only(names, key, none: "no file '\(key.shown)' or '\(key.shown).*'")
  }

  private func only(_ names: [String], _ key: String, none: String) -> Result<String, Problem> {
    if names.count == 1 { return .success(names[0]) }
    if names.isEmpty { return missing(key, none, at: key) }
    let list = names.prefix(5).map(Self.shown).joined(separator: ", ")
    let more = names.count > 5 ? ", …" : ""
    return .failure(
      Problem(
        finding: IntakeFinding(
          prefix + names[0],
          "\(controlName) names \(Self.shown(key)), and \(names.count) files could be meant: \(list)\(more)",
          remedy: "leave one of them, or say which is meant (File.\(key.shown)=)", isFinal: true)))
  }

  /// The control file's name, as messages have it.
  private var controlName: String { (rules.controlFileName ?? DropName.control).shown }

  /// Reports the set, since the file has no path: `name` is the one that it would most likely have.
  private func missing(_ key: String, _ files: String, at name: String) -> Result<String, Problem> {
    let kind: String? =
      switch index[name]?.status.kind {
      case .directory: "; \(Self.shown(name)) is a directory"
      default: nil
      }
    let other = names(spelt: name).map { "; '\($0.shown)' has another Unicode form of that name" }
    let set = prefix.isEmpty ? rules.controlFileName ?? DropName.control : String(prefix.dropLast())
    let text = "data file missing: \(controlName) names \(Self.shown(key)), and there is \(files)"
    return .failure(Problem(finding: IntakeFinding(set, text + (kind ?? other ?? ""))))
  }

  /// A name that is there and looks like `name`, with or without an extension, but has other bytes (NFC and NFD).
  private func names(spelt name: String) -> String? {
    guard name.utf8.contains(where: { $0 >= 128 }), index[name] == nil else { return nil }
    // Canonical equivalence is what String compares by.
    return index.entries.keys.map(\.text).filter { $0 == name || DropName.stem($0) == name }.min()
  }

  /// Something that is not a directory and may be a data file; whether it is a good one is judged later.
  private func isCandidate(_ name: String) -> Bool {
    guard DropName.isPlain(name), !rules.isNeverData(name), let entry = index[name] else { return false }
    return entry.status.kind != .directory
  }

  /// Without a rule of the administrator's, one file cannot be meant by two keys: the other file is missing.
  private func doublyMeant(_ files: [MappedFile]) -> [IntakeFinding] {
    let byFile = Dictionary(grouping: files) { ExactText($0.file) }
    return files.compactMap { file in
      guard let keys = byFile[ExactText(file.file)]?.map(\.key), keys.count > 1,
        keys.last.map({ ExactText($0) }) == ExactText(file.key),
        keys.contains(where: { rules.fileRules[ExactText($0)] == nil })
      else { return nil }
      let list = keys.map(Self.shown).joined(separator: " and ")
      return IntakeFinding(
        prefix + file.file, "the keys \(list) would both mean this file",
        remedy: "add the missing file, or say which is meant (File.KEY=)", isFinal: true)
    }
  }

  /// With `DEFAULT`, every other file of the folder is sent under its own name.
  private func others(than files: [MappedFile]) -> [MappedFile] {
    let known = Set(files.map { ExactText($0.file) })
    let others = index.entries.keys.filter {
      !known.contains($0) && !$0.text.utf8.contains(UInt8(ascii: "/")) && isCandidate($0.text)
    }
    return others.sorted().map { MappedFile(key: $0.text, file: $0.text) }
  }

  /// A key in quotes, its control characters as `\xHH`.
  static func shown(_ key: String) -> String { "'\(key.shown)'" }
}
