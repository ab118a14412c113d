import FoundationEssentials
import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let importAgain = CommandOption(
    "import-again", help: "even if the set was, or may have been, scheduled before: it can be imported twice")
  static let reason = CommandOption(
    "reason", argument: "TEXT", help: "why, for those who read the set's REASON.txt")
}

extension Subcommand {
  static let retry = Subcommand(
    name: "retry", operands: "SET…", operandCount: 1...1000,
    summary: "puts rejected or held sets back into their source's queue",
    details: """
      The files are read anew, and the set keeps its id and its place. A set that was, or
      may have been, scheduled before needs --import-again.
      SET is an id or the beginning of one; '-' reads ids from standard input.
      """,
    options: [.importAgain, .json], states: [.rejected, .held]
  ) { invocation throws(Failure) in
    try await decide(.retry(importAgain: invocation.has(.importAgain)), invocation)
  }

  static let approve = Subcommand(
    name: "approve", operands: "SET…", operandCount: 1...1000,
    summary: "imports sets that wait after their dry run",
    details: "Imports exactly the bytes that were checked. '-' reads ids from standard input.",
    options: [.json], states: [.awaitingApproval]
  ) { invocation throws(Failure) in
    try await decide(.approve, invocation)
  }

  static let reject = Subcommand(
    name: "reject", operands: "SET…", operandCount: 1...1000,
    summary: "moves waiting or held sets to the rejected ones",
    details: "Needs --reason TEXT. '-' reads ids from standard input.", options: [.reason, .json],
    states: [.claimed, .uploading, .deferred, .held, .awaitingApproval]
  ) { invocation throws(Failure) in
    guard let reason = invocation.argument(of: .reason), !reason.isEmpty else {
      throw .usage("'reject' needs --reason TEXT", subcommand: "reject")
    }
    return try await decide(.reject(reason: reason), invocation)
  }

  static let pause = Subcommand(
    name: "pause", operands: "SOURCE…", operandCount: 1...1000,
    summary: "stops taking and scheduling sets of sources; survives a restart", options: [.json]
  ) { invocation throws(Failure) in
    try await perform(.pause(sources: try sources(invocation)), invocation)
  }

  static let resume = Subcommand(
    name: "resume", operands: "SOURCE…", operandCount: 1...1000,
    summary: "lets paused or halted sources go on", options: [.json]
  ) { invocation throws(Failure) in
    try await perform(.resume(sources: try sources(invocation)), invocation)
  }

  private static func decide(_ decision: Decision, _ invocation: Invocation) async throws(Failure)
    -> ExitStatus
  {
    try await perform(.decide(decision, sets: try ids(invocation)), invocation)
  }

  /// Has the running daemon do it, or does it while it is down, and says what came of each.
  private static func perform(_ request: ControlRequest, _ invocation: Invocation) async throws(Failure)
    -> ExitStatus
  {
    let query = try DaemonQuery(invocation)
    let results: [DecisionResult]
    let patience = DaemonQuery.patience(decisions: invocation.operands.count)
    if case .decided(let answer) = try query.ask(request, patience: patience) {
      results = answer
    } else {
      results = try await offline(request, query)
    }
    for result in results {
      if invocation.has(.json) {
        try StandardOutput.writeJSON(result)
      } else if result.outcome == .done {
        try StandardOutput.writeLine("\(result.subject): \(result.text)")
      } else {
        StandardError.writeLine("\(Program.name): \(result.subject): \(result.text)")
      }
    }
    return exitStatus(results)
  }

  private static func offline(_ request: ControlRequest, _ query: DaemonQuery) async throws(Failure)
    -> [DecisionResult]
  {
    do {
      let log = SystemLog.make(environment: ProcessInfo.processInfo.environment)
      let outcome = try await OfflineDecisions(query.configuration, log: log).perform(
        request, by: SystemUser.current)
      let consequence =
        outcome?.hasRecorded == true ? "; it acts on this at its next start" : ", and nothing was changed"
      StandardError.writeLine("\(Program.name): the daemon is not running\(consequence)")
      return outcome?.results ?? []
    } catch let failure as ServiceFailure {
      throw .service(failure)
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .report("\(error)")
    }
  }

  private static func exitStatus(_ results: [DecisionResult]) -> ExitStatus {
    if results.contains(where: { $0.outcome == .notFound || $0.outcome == .noSource }) { return .notFound }
    return results.contains { $0.outcome == .refused } ? .wrongData : .done
  }

  /// The ids of the command line, with `-` replaced by what standard input has: one id at the beginning of each line,
  /// as `list` prints them.
  private static func ids(_ invocation: Invocation) throws(Failure) -> [String] {
    var ids: [String] = []
    for operand in invocation.operands {
      guard operand == "-" else { ids.append(operand); continue }
      while let line = readLine() {
        guard let word = line.split(separator: " ").first, word != SetTable.headline, line != SetTable.nothing
        else { continue }
        ids.append(String(word))
      }
    }
    guard !ids.isEmpty else { throw .usage("no set was named") }
    return ids
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
