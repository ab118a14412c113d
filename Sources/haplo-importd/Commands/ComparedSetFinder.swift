import ImportCore
import ImportService
import ImportSystem

/// Finds the sets that a command line names, with what the daemon or, while it is down, the journal tells of them.
struct ComparedSetFinder {
  /// A set that was found.
  struct Found {
    var set: ComparedSet
    /// Its source, if it is known.
    var source: SourceName?
    /// The set that it is compared with; nil if none is remembered, or it was not picked up yet.
    var previous: SetID?
    /// True for one that was not picked up yet.
    var isPath = false
  }

  private let query: DaemonQuery
  private let configuration: Configuration?
  /// The source that `--source` names.
  private let named: SourceSettings?
  private let command: String
  private var isNoted = false
  private var isConfigurationNoted = false

  init(_ invocation: Invocation) throws(Failure) {
    query = try DaemonQuery(invocation)
    command = invocation.command
    configuration = try? query.configuration
    let source = invocation.argument(of: .rules)
    named = configuration?.sources.first { $0.name.text == source }
    if let source, named == nil {
      throw .notFound(Spelling.noSource(source, among: configuration?.sources ?? []))
    }
  }

  /// The fields that identify the records of a source's files.
  func recordKeys(_ source: SourceName?) -> [ExactText: String] { settings(source)?.guards.recordKeys ?? [:] }

  /// Finds a set by its id or, with a '/' in it, by its path.
  mutating func find(_ operand: String) throws(Failure) -> Found {
    guard !operand.isEmpty else { throw .usage("an empty id names no set", subcommand: command) }
    if operand.contains("/") {
      let path = Invocation.absolute(operand)
      let around = configuration?.sources.first { path == $0.directory || path.hasPrefix($0.directory + "/") }
      let source = named ?? around
      let set = try opening { () throws(ComparedSet.Failure) in
        try ComparedSet(path: path, rules: rules(source), fileSystem: FileSystem())
      }
      noteConfiguration()
      return Found(set: set, source: source?.name, isPath: true)
    }
    let (shown, isFromJournal) = try query.show(operand)
    if isFromJournal { noteDaemonIsDown() }
    noteConfiguration()
    return try found(shown.one(operand), shown.previous)
  }

  /// Says once, after a set was found all the same, what is wrong with the configuration.
  private mutating func noteConfiguration() {
    guard let failure = query.configurationFailure, !isConfigurationNoted else { return }
    isConfigurationNoted = true
    StandardError.writeLine(
      PrintableText.escapingLines(
        "\(Program.name): note: the configuration is invalid; records are compared without RecordKey.KEY=\n\(failure)"
      ))
  }

  /// The set that another one is compared with if no other is named.
  mutating func previous(of found: Found) throws(Failure) -> Found {
    if let previous = found.previous { return try find(previous.text) }
    guard found.isPath else {
      throw .notFound(
        "no set is remembered that was scheduled before \(found.set.name) in the same mode; name one: diff SET OTHER"
      )
    }
    guard let source = found.source else {
      throw .usage(
        "name the set that '\(found.set.name)' is compared with, or its source with --source",
        subcommand: command)
    }
    guard let last = try query.last(of: source)?.set else {
      throw .notFound(
        "no set of source '\(source)' was scheduled yet with which '\(found.set.name)' could be compared")
    }
    return try self.found(last, nil)
  }

  private func found(_ report: SetReport, _ previous: SetID?) throws(Failure) -> Found {
    let set = try opening { () throws(ComparedSet.Failure) in
      try ComparedSet(report, rules: rules(settings(report.source)), fileSystem: FileSystem())
    }
    return Found(set: set, source: report.source, previous: previous)
  }

  private func settings(_ source: SourceName?) -> SourceSettings? {
    named ?? source.flatMap { configuration?.source($0) }
  }

  private func rules(_ source: SourceSettings?) -> IntakeRules {
    source.map { IntakeRules($0) } ?? IntakeRules(quiet: .zero)
  }

  private mutating func noteDaemonIsDown() {
    if !isNoted { query.noteDaemonIsDown() }
    isNoted = true
  }

  private func opening(_ body: () throws(ComparedSet.Failure) -> ComparedSet) throws(Failure) -> ComparedSet {
    do {
      return try body()
    } catch {
      switch error {
      case .system(let error) where error.isMissing: throw .notFound(error.description)
      case .system(let error): throw error.isPermission ? .forbidden(error, command: command) : .system(error)
      case .control: throw .wrong(error.description)
      }
    }
  }
}

extension DaemonQuery {
  /// The set that the next one of a source will be compared with; nil if none was scheduled yet. `source` is configured.
  func last(of source: SourceName) throws(Failure) -> ShownSet? {
    do throws(Failure) {
      if case .shown(let answer) = try ask(.last(source: source)) { return answer }
      let reports = try reports()
      noteDaemonIsDown()
      return try onDisk { () throws(SpoolReports.Failure) in try reports.last(of: source) }
    } catch {
      if case .notFound = error { return nil }
      throw error
    }
  }
}
