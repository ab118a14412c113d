/// Judges whether what lies in a drop directory is a complete set (docs/exporters.md, "What a set is"). It looks at
/// nothing itself: what it must know and does not, it asks for, and is called again. So a verdict costs only the
/// looks that it really needs, the expensive ones last.
public struct Completeness {
  let subject: SetSnapshot
  let rules: IntakeRules
  let now: MonotonicInstant
  let calendar: Timestamp
  /// True where all findings are wanted; else the first thing that only time can change ends the judging.
  let isThorough: Bool

  /// Judges `subject` as it is at `now`; `calendar` becomes the completion time. With `thorough` the findings are
  /// all there are, for people; without, judging ends early where nothing can be done yet.
  public static func judge(
    _ subject: SetSnapshot, rules: IntakeRules, now: MonotonicInstant, calendar: Timestamp,
    thorough: Bool = false
  ) -> IntakeVerdict {
    Completeness(subject: subject, rules: rules, now: now, calendar: calendar, isThorough: thorough).verdict()
  }

  var index: DropIndex { subject.index }
  var evidence: Evidence { subject.evidence }
  var isFolder: Bool { subject.isFolder }
  var prefix: String { subject.prefix }
  var quiet: QuietTime { QuietTime(subject: subject, rules: rules, now: now) }
  var structure: SetStructure { SetStructure(subject: subject, rules: rules) }

  private func verdict() -> IntakeVerdict {
    if let obstacle = subject.obstacle {
      return .waiting(.init(findings: [obstacle.finding(subject.name)]))
    }
    return switch control() {
    case .failure(let stop): stop.verdict
    case .success(let control): verdict(about: control)
    }
  }

  private func verdict(about control: ControlFile) -> IntakeVerdict {
    if control.hasDefault, !isFolder { return refuseFlatDefault() }
    if isFolder, !isThorough, index[DropName.sums] == nil, let early = quiet.wait([]) {
      return early
    }
    let mapping = ControlMapping(rules: rules, index: index, prefix: prefix).map(control)
    if mapping.files.isEmpty, !mapping.findings.isEmpty, !isFolder, rules.controlFile != nil {
      return .notASet(IntakeFinding(subject.name, "none of the files that it names is here"))
    }
    let members = members(of: mapping.files)
    let findings = mapping.findings + structure.findings(members) + defaultFindings(control)
    guard findings.isEmpty else { return waiting(for: findings, members: members) }
    return verdict(about: members, files: mapping.files, control: control)
  }

  /// What a flat set would take; for a folder all regular files that are inside.
  func members(of files: [MappedFile]) -> [String] {
    if isFolder {
      return index.entries.filter { $0.value.status.kind == .regular }.keys.sorted().map(\.text)
    }
    // In the order of renaming: the control file last, for it is what makes the others a set.
    let extras = [rules.markerFile, DropName.sums, rules.controlFile == nil ? DropName.control : nil]
      .compactMap(\.self).filter { index[$0] != nil }
    var seen: Set<ExactText> = []
    return (files.map(\.file) + extras).filter { seen.insert(ExactText($0)).inserted }
  }

  private func refuseFlatDefault() -> IntakeVerdict {
    let text = "the control file's files hold DEFAULT, which a flat set cannot have"
    let remedy = "drop such a set as a folder, with a marker or SHA256SUMS"
    let finding = IntakeFinding(subject.name, text, remedy: remedy, isFinal: true)
    if rules.controlFile != nil { return .notASet(finding) }
    return refuse(Reason(text, remedy: remedy), findings: [finding], members: [DropName.control])
  }

  /// Waits for findings to be made good; whatever is still changing is said first.
  private func waiting(for findings: [IntakeFinding], members: [String]) -> IntakeVerdict {
    .waiting(.init(findings: quiet.change(members).map { [$0] + findings } ?? findings))
  }

  private func defaultFindings(_ control: ControlFile) -> [IntakeFinding] {
    guard control.hasDefault, rules.markerFile == nil, index[DropName.sums] == nil else { return [] }
    return [
      IntakeFinding(
        prefix + DropName.control,
        "with DEFAULT among its files, only a marker or SHA256SUMS can tell that all are here",
        remedy: "add SHA256SUMS to the folder, or set MarkerFile= for the source")
    ]
  }
}

extension Completeness {
  /// True if the subject's control file, where it could be read, means the file `name` by one of its keys.
  public static func names(_ name: String, in subject: SetSnapshot, rules: IntakeRules) -> Bool {
    let judge = Completeness(
      subject: subject, rules: rules, now: MonotonicInstant(nanoseconds: 0),
      calendar: Timestamp(microseconds: 0), isThorough: true)
    guard case .success(let control) = judge.control() else { return false }
    let mapping = ControlMapping(rules: rules, index: subject.index, prefix: "").map(control)
    return mapping.files.contains { ExactText($0.file) == ExactText(name) }
  }
}

/// The rules of a source's configuration by which a set is complete.
public struct IntakeRules: Hashable, Sendable {
  /// How long nothing may have changed.
  public var quiet: Duration
  /// A set is taken only when this file is there too.
  public var markerFile: String?
  /// Absolute path of a fixed control file; sets bring none of their own then.
  public var controlFile: String?
  /// Which file is meant by a key of the control file's `files` (`File.KEY=`): the one whose name matches.
  public var fileRules: [ExactText: Glob]

  public init(
    quiet: Duration, markerFile: String? = nil, controlFile: String? = nil, fileRules: [ExactText: Glob] = [:]
  ) {
    self.quiet = quiet
    self.markerFile = markerFile
    self.controlFile = controlFile
    self.fileRules = fileRules
  }

  /// Takes over what the configuration says. Its patterns were checked when it was read.
  public init(_ settings: SourceSettings) {
    self.init(
      quiet: settings.quiet, markerFile: settings.markerFile, controlFile: settings.controlFile,
      fileRules: settings.fileRules.compactMapValues { Glob($0) })
  }

  /// True for a name that is never a data file: control file, marker, list of digests, and temporary names.
  func isNeverData(_ name: String) -> Bool {
    name == DropName.control || name == DropName.sums || markerFile.map { ExactText($0) } == ExactText(name)
      || DropName.isTemporary(name)
  }

  /// Name of the fixed control file without its folders.
  public var controlFileName: String? { controlFile.map { String($0.split(separator: "/").last ?? "") } }
}
