import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension Subcommand {
  static let check = Subcommand(
    name: "check", operands: "PATH…", operandCount: 1...Int.max,
    summary: "validates a control file or an export set before it is dropped",
    details: """
      PATH is the folder of a set, a control file next to its data files, or one data file.
      Findings are lines PATH:LINE:COLUMN: error: … or warning: …; a set with an error would
      be rejected. No configuration is needed. If there is one, 'check' uses the settings of
      the source whose drop directory contains PATH, or of the one that --source names. With
      --against, a set without errors is also compared with SET, or with the last scheduled
      set of SOURCE, by the guards of the source (MinRecords=, ChangeLimit=, RemovalLimit=,
      FirstSet=, ShrinkLimit=). Each guard that would hold the set is an error.
      Exit status: 0 without an error, 65 with one, 66 if there is no such path.
      """,
    options: [.rules, .against, .json]
  ) { invocation throws(Failure) in
    let checks = try CheckSettings(invocation)
    let against = try invocation.argument(of: .against).map { name throws(Failure) in
      try CheckedAgainst(name, invocation)
    }
    var hasErrors = false
    var isMissing = false
    for operand in invocation.operands {
      guard let findings = try checks.findings(about: operand, against) else {
        StandardError.writeLine("\(Program.name): there is no '\(operand)'")
        isMissing = true
        continue
      }
      hasErrors = hasErrors || findings.contains { $0.finding.severity == .error }
      try print(findings, about: operand, invocation)
    }
    return isMissing ? .notFound : hasErrors ? .wrongData : .done
  }

  private static func print(
    _ findings: [FileFinding], about operand: String, _ invocation: Invocation
  ) throws(Failure) {
    try StandardOutput.write(findings, asJSON: invocation.has(.json))
    // For people; a program that reads the findings has the exit status.
    if findings.isEmpty, !invocation.has(.json), isatty(STDOUT_FILENO) == 1 {
      try StandardOutput.writeLine("\(operand): nothing is wrong")
    }
  }
}

extension CommandOption {
  static let rules = CommandOption(
    "source", argument: "NAME", help: "use the settings of this source, wherever PATH is")
  fileprivate static let against = CommandOption(
    "against", argument: "SET", help: "compare with this set, or with the last one of the source of this name"
  )
}

/// The settings that a check goes by: those of a source where one is known, and the usual ones otherwise.
private struct CheckSettings {
  private let configuration: Configuration?
  private let named: SourceSettings?

  /// Loads the configuration if there is one. Only `--source` needs it: with an invalid one, files are checked by the default
  /// settings, and so they are if the installed one is missing or not readable.
  init(_ invocation: Invocation) throws(Failure) {
    let source = invocation.argument(of: .rules)
    configuration = source == nil ? try Self.usable(invocation) : try invocation.loadConfiguration()
    named = configuration?.sources.first { $0.name.text == source }
    if let source, named == nil {
      throw .notFound(Spelling.noSource(source, among: configuration?.sources ?? []))
    }
  }

  private static func usable(_ invocation: Invocation) throws(Failure) -> Configuration? {
    do {
      return try invocation.loadConfiguration()
    } catch {
      guard case .configuration(.invalid(let errors)) = error else {
        if invocation.has(.config) || invocation.has(.instance) { throw error }
        return nil
      }
      StandardError.writeLine(
        PrintableText.escapingLines(
          "\(Program.name): note: the configuration is invalid; 'check' uses the default settings of a source\n"
            + ConfigurationErrors(findings: errors.findings.filter { $0.severity == .error }).description))
      return nil
    }
  }

  /// What is the matter with what an operand names; nil: there is nothing of that name.
  func findings(about operand: String, _ against: CheckedAgainst?) throws(Failure) -> [FileFinding]? {
    let path = Invocation.absolute(operand)
    do throws(SystemError) {
      guard let against else { return try check(for: path).check(path, shown: operand) }
      return try GuardCheck(
        check(for: path, named: against.source), against.source, origins: against.origins,
        fileSystem: FileSystem()
      ).check(path, shown: operand, against: against.last)
    } catch {
      if error.isMissing { return nil }
      throw .system(error)
    }
  }

  private func check(for path: String, named other: SourceSettings? = nil) -> SetCheck {
    let limit = configuration?.server.readerLimit ?? ReaderLimit.usual
    let around = configuration?.sources.first { path == $0.directory || path.hasPrefix($0.directory + "/") }
    guard let source = named ?? other ?? around else { return SetCheck(readerLimit: limit) }
    return SetCheck(
      rules: IntakeRules(source), readerLimit: limit, isDropDirectory: path == source.directory,
      recordKeys: source.guards.recordKeys)
  }
}

/// What `--against` names: a set, or the last scheduled one of a source.
private struct CheckedAgainst {
  let source: SourceSettings
  let origins: [ConfiguredValue]
  /// The set to compare with; nil if the source has none yet.
  let last: LastSet?

  init(_ name: String, _ invocation: Invocation) throws(Failure) {
    let query = try DaemonQuery(invocation)
    let configuration = try query.configuration
    origins = configuration.values
    if let source = configuration.sources.first(where: { $0.name.text == name }) {
      self.source = source
      last = try query.last(of: source.name).flatMap { LastSet($0) }
      return
    }
    let set = try query.show(name).0.one(name)
    guard let source = configuration.source(set.source) else {
      throw .notFound(Spelling.noSource(set.source.text, among: configuration.sources))
    }
    self.source = source
    last = LastSet(set)
  }
}
