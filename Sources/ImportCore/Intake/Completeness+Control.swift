extension Completeness {
  /// Ends the judging before there is a control file to go by.
  struct Stop: Error {
    let verdict: IntakeVerdict
  }

  /// The control file that says what belongs to the set.
  func control() -> Result<ControlFile, Stop> {
    if let path = rules.controlFile { return fixedControl(path) }
    guard let entry = index[DropName.control] else {
      return .failure(Stop(verdict: .notASet(absentControl())))
    }
    if let finding = structure.problem(of: DropName.control, entry.status) {
      return .failure(Stop(verdict: .waiting(.init(findings: [finding]))))
    }
    guard let seen = evidence.control, seen.identity == entry.status.identity else {
      return .failure(Stop(verdict: .needs(.control)))
    }
    switch seen.value {
    case .unreadable(let obstacle):
      return .failure(Stop(verdict: .waiting(.init(findings: [obstacle.finding(prefix + DropName.control)]))))
    case .read(let control): return judged(control.reading)
    }
  }

  private func absentControl() -> IntakeFinding {
    let cause = misplacedControl
    let text =
      isFolder
      ? "not a set (yet): the folder has no \(DropName.control)"
      : "not a set (yet): there is no \(DropName.control)"
    return IntakeFinding(
      isFolder ? subject.name : DropName.control, cause.map { "\(text); \($0)" } ?? text,
      remedy: cause.map { _ in "move or rename it" })
  }

  /// The likely cause of a missing `control.json`, by the names that are there instead; nil where nothing hints at one.
  private var misplacedControl: String? {
    let names = index.entries.keys.map(\.text).sorted { ExactText($0) < ExactText($1) }
    if let name = names.first(where: isMisspelt) {
      return "there is '\(name.shown)', but the name must be exactly '\(DropName.control)'"
    }
    if let path = names.first(where: {
      $0.utf8.contains(UInt8(ascii: "/")) && DropName.last(of: $0) == DropName.control
    }) {
      return "there is '\(path.shown)': the files are one folder too deep"
    }
    return nil
  }

  /// True for `Control.json`, `control.json.txt`, `control (1).json` and the like in the folder itself.
  private func isMisspelt(_ name: String) -> Bool {
    let lower = name.lowercased()
    return !name.utf8.contains(UInt8(ascii: "/")) && name != DropName.control && lower.hasPrefix("control")
      && lower.contains("json")
  }

  private func judged(_ reading: ControlFile.Reading) -> Result<ControlFile, Stop> {
    switch reading {
    case .valid(let control): return .success(control)
    case .invalid(let problems):
      let path = prefix + DropName.control
      let verdict = refuse(
        .invalidControl(problems, named: DropName.control),
        findings: problems.errors.map { IntakeFinding(path, TextFinding($0)) },
        members: isFolder ? members(of: []) : [DropName.control])
      return .failure(Stop(verdict: verdict))
    }
  }

  /// A fixed control file that is wrong is the configuration's fault, and no set's: sets wait for it.
  private func fixedControl(_ path: String) -> Result<ControlFile, Stop> {
    if isFolder, index.entries.isEmpty {
      return .failure(Stop(verdict: .notASet(IntakeFinding(subject.name, "the folder is empty"))))
    }
    if isFolder, index[DropName.control] != nil {
      return stop(
        prefix + DropName.control, "the set has a control file of its own, but its source has a fixed one",
        remedy: "remove one of them (ControlFile=)")
    }
    switch evidence.fixedControl {
    case nil: return .failure(Stop(verdict: .needs(.fixedControl)))
    case .unreadable(let obstacle):
      return stop(
        path, obstacle.text,
        remedy: "make the source's ControlFile= readable; the next scan (RescanSec=) finds it")
    case .read(let control):
      switch control.reading {
      case .valid(let control): return .success(control)
      case .invalid(let problems):
        let findings = problems.errors.map { IntakeFinding(path, TextFinding($0)) }
        return .failure(Stop(verdict: .waiting(.init(findings: findings))))
      }
    }
  }

  private func stop(_ path: String, _ text: String, remedy: String) -> Result<ControlFile, Stop> {
    let finding = IntakeFinding(path, text, remedy: remedy, isFinal: true)
    return .failure(Stop(verdict: .waiting(.init(findings: [finding]))))
  }
}

extension Reason {
  /// The reason for the rejection of a set whose control file has these errors.
  public static func invalidControl(_ problems: ValidationFindings, named name: String) -> Reason {
    let lines = problems.errors.map { "\(name.shown):\($0.line):\($0.column): \($0.message)" }
    return Reason(
      "Invalid control file: \(lines.joined(separator: "; "))",
      remedy: "correct the control file and drop the set again")
  }
}
