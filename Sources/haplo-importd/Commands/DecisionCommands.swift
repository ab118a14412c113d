import FoundationEssentials
import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportStorage
import ImportSystem

extension CommandOption {
  static let importAgain = CommandOption(
    "import-again", help: "also if the set was, or may have been, scheduled before; it can be imported twice")
  static let reason = CommandOption("reason", argument: "TEXT", help: "the reason, for REASON.txt")
  static let allSets = CommandOption(
    "all", help: "all sets that the command applies to, or those of --state and --source")
}

extension Subcommand {
  private static let selecting: [CommandOption] = [.allSets, .state, .source, .json]
  private static let idDetails = """
    SET is an id or an unambiguous prefix with at least its date; '-' reads ids from
    standard input. --all replaces SET.
    """

  static let retry = Subcommand(
    name: "retry", operands: "SET…", operandCount: 0...1000, summary: "requeues rejected or held sets",
    details: """
      The daemon reads the files again; the set keeps its id. It goes before all sets that are
      not scheduled yet and were complete later, but after those scheduled meanwhile: a warning
      names these. A set that was, or may have been, scheduled before needs --import-again.
      \(idDetails)
      """,
    options: [.importAgain] + selecting, states: [.rejected, .held]
  ) { invocation throws(Failure) in
    try await decide(.retry(importAgain: invocation.has(.importAgain)), invocation)
  }

  static let approve = Subcommand(
    name: "approve", operands: "SET…", operandCount: 0...1000,
    summary: "queues sets for import after their dry run",
    details: "Imports exactly the bytes of the dry run.\n\(idDetails)", options: selecting,
    states: [.awaitingApproval]
  ) { invocation throws(Failure) in
    try await decide(.approve, invocation)
  }

  static let reject = Subcommand(
    name: "reject", operands: "SET…", operandCount: 0...1000, summary: "rejects waiting or held sets",
    details: "Needs --reason TEXT.\n\(idDetails)", options: [.reason] + selecting,
    states: [.claimed, .uploading, .deferred, .held, .awaitingApproval]
  ) { invocation throws(Failure) in
    guard let reason = invocation.argument(of: .reason), !reason.isEmpty else {
      throw .usage("'reject' needs --reason TEXT", subcommand: "reject")
    }
    return try await decide(.reject(reason: reason), invocation)
  }

  static let discard = Subcommand(
    name: "discard", operands: "SET…", operandCount: 0...1000,
    summary: "deletes rejected sets' files and forgets the sets",
    details: """
      Also forgets rejected or held sets whose folder is gone. A discarded set cannot be
      restored; the journal records who discarded it.
      \(idDetails)
      """,
    options: selecting, states: [.rejected]
  ) { invocation throws(Failure) in
    try await decide(.discard, invocation)
  }

  static let pause = Subcommand(
    name: "pause", operands: "SOURCE…", operandCount: 1...1000,
    summary: "stops accepting and scheduling sets of sources; survives a restart", options: [.json]
  ) { invocation throws(Failure) in
    let sources = try sources(invocation)
    return try await perform([.pause(sources: sources)], invocation, try DaemonQuery(invocation))
  }

  static let resume = Subcommand(
    name: "resume", operands: "SOURCE…", operandCount: 1...1000, summary: "resumes paused or halted sources",
    options: [.json]
  ) { invocation throws(Failure) in
    let sources = try sources(invocation)
    return try await perform([.resume(sources: sources)], invocation, try DaemonQuery(invocation))
  }

  /// How many sets one request decides about: each may wait for the end of a call to the server.
  private static let batch = 20

  private static func decide(_ decision: Decision, _ invocation: Invocation) async throws(Failure)
    -> ExitStatus
  {
    let subcommand = try Program.find(invocation.command)
    let query = try DaemonQuery(invocation)
    let ids =
      invocation.has(.allSets) ? try all(invocation, subcommand, query) : try decided(invocation, subcommand)
    let requests = stride(from: 0, to: ids.count, by: batch).map { start in
      ControlRequest.decide(decision, sets: Array(ids[start..<min(start + batch, ids.count)]))
    }
    return try await perform(requests, invocation, query)
  }

  /// Has the running daemon do it, or does it while the daemon is down, and prints each result.
  static func perform(_ requests: [ControlRequest], _ invocation: Invocation, _ query: DaemonQuery)
    async throws(Failure) -> ExitStatus
  {
    var status = ExitStatus.done
    for request in requests {
      let results = try await results(of: request, invocation, query)
      for result in results { try tell(result, invocation) }
      status = worse(status, of: results)
    }
    return status
  }

  /// Has the running daemon do it, or does it while the daemon is down.
  static func results(of request: ControlRequest, _ invocation: Invocation, _ query: DaemonQuery)
    async throws(Failure) -> [DecisionResult]
  {
    if case .decided(let answer) = try query.ask(request, patience: DaemonQuery.patience(for: request)) {
      return answer
    }
    return try await offline(request, invocation, query)
  }

  private static func tell(_ result: DecisionResult, _ invocation: Invocation) throws(Failure) {
    let line = "\(result.subject): \(result.text)"
    if invocation.has(.json) {
      try StandardOutput.writeJSON(result)
    } else if result.outcome == .done {
      try StandardOutput.writeLine(line)
    } else {
      StandardError.writeLine("\(Program.name): \(PrintableText.escaping(line))")
    }
  }

  private static func offline(
    _ request: ControlRequest, _ invocation: Invocation, _ query: DaemonQuery
  ) async throws(Failure) -> [DecisionResult] {
    let configuration = try query.configuration
    let person = invocation.root?.person ?? SystemUser.current
    var outcomeKey: APIKey?
    if case .compareWithServer = request {
      outcomeKey = try invocation.readOutcomeKeyOfService(configuration)
    }
    try configuration.daemon.assumeOwner()
    do {
      let outcome = try await OfflineDecisions(
        configuration, log: SystemLog.forCommand(), outcomeKey: outcomeKey
      ).perform(request, by: person)
      guard let outcome else { return [] }
      let consequence =
        !outcome.hasRecorded
        ? ", and nothing was changed"
        : outcome.hasLeftWork
          ? "; it acts on this at its next start" : "; this command has done the work itself"
      StandardError.writeLine("\(Program.name): the daemon is not running\(consequence)")
      for (set, error) in outcome.unfinished {
        StandardError.writeLine(
          "\(Program.name): \(set): its folder cannot be moved or deleted now: \(PrintableText.escaping("\(error)"))"
        )
      }
      return outcome.results
    } catch let failure as ServiceFailure {
      throw .service(failure)
    } catch let failure as SpoolReports.Failure {
      try query.onDisk { () throws(SpoolReports.Failure) in throw failure }
      return []
    } catch let error as SystemError {
      throw error.isPermission ? .forbidden(error, command: invocationName(request)) : .system(error)
    } catch {
      throw .report("\(error)")
    }
  }

  private static func invocationName(_ request: ControlRequest) -> String {
    switch request {
    case .decide(.retry, _): "retry"
    case .decide(.approve, _): "approve"
    case .decide(.reject, _): "reject"
    case .decide(.discard, _): "discard"
    case .pause: "pause"
    case .reconcile, .compareWithServer: "reconcile"
    default: "resume"
    }
  }

  /// No such set or source is graver than a refusal.
  private static func worse(_ status: ExitStatus, of results: [DecisionResult]) -> ExitStatus {
    let isMissing = results.contains { $0.outcome == .notFound || $0.outcome == .noSource }
    if status == .notFound || isMissing { return .notFound }
    for result in results {
      switch result.outcome {
      case .keyRefused: return .permission
      case .serverUnavailable: return .unavailable
      case .done, .refused, .notFound, .noSource: continue
      }
    }
    return status == .wrongData || results.contains { $0.outcome == .refused } ? .wrongData : .done
  }

  // MARK: Which sets

  /// The ids of all sets that the options select: of those that the command is for, if they name no states.
  private static func all(_ invocation: Invocation, _ subcommand: Subcommand, _ query: DaemonQuery)
    throws(Failure) -> [String]
  {
    guard invocation.operands.isEmpty else {
      throw .usage("--all and SET exclude each other", subcommand: subcommand.name)
    }
    var selection = try SetSelection(invocation, subcommand: subcommand.name)
    if selection.states.isEmpty { selection.states = Set(subcommand.states) }
    // Where no daemon runs, the decisions themselves say so.
    var pages = ListPages(query, selection, isQuiet: true)
    var ids: [String] = []
    while let sets = try pages.next() { ids += sets.map(\.set.text) }
    if ids.isEmpty, pages.isFromJournal { query.noteDaemonIsDown() }
    return ids
  }

  /// The ids of the command line, without the options that only select sets for `--all`.
  private static func decided(_ invocation: Invocation, _ subcommand: Subcommand) throws(Failure) -> [String]
  {
    guard !invocation.operands.isEmpty else {
      throw .usage("'\(subcommand.name)' needs SET… or --all", subcommand: subcommand.name)
    }
    for option in [CommandOption.state, .source] where invocation.has(option) {
      throw .usage("--\(option.name) needs --all", subcommand: subcommand.name)
    }
    return try invocation.ids()
  }

  private static func sources(_ invocation: Invocation) throws(Failure) -> [SourceName] {
    var names: [SourceName] = []
    for operand in invocation.operands {
      guard let name = SourceName(operand) else {
        throw .notFound("'\(operand)' cannot be the name of a source")
      }
      names.append(name)
    }
    return names
  }
}
