import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let explain = Subcommand(
    name: "explain", operands: "PATH", operandCount: 1...1,
    summary: "explains why a file or folder has not been picked up",
    details: """
      PATH is a path in a drop directory or, as 'status' prints it, the name of something in
      one: NAME, or SOURCE/NAME if several drop directories have the name.

      Exit status: 0 if nothing is wrong with PATH or it was picked up, 75 if it is waiting,
      65 if it cannot be picked up as it is, 66 if there is no such path.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let query = try DaemonQuery(invocation)
    let operand = invocation.operands[0]
    let path = Invocation.resolved(operand)
    let (found, isDaemonDown) = try await ask(query, path, operand)
    let (explanation, status) = try answer(
      found, path, shown: operand.hasPrefix("/") ? path : operand,
      isPicked: isDaemonDown ? "picked up as soon as the daemon runs" : "about to be picked up")
    if invocation.has(.json) {
      try StandardOutput.writeJSON(explanation)
    } else {
      for line in explanation.findings { try StandardOutput.writeLine(line) }
    }
    return status
  }

  private static func ask(_ query: DaemonQuery, _ path: String, _ name: String) async throws(Failure)
    -> (explanation: Explanation, isDaemonDown: Bool)
  {
    if case .explained(let answer) = try query.ask(.explain(path: path, name: name)) {
      return (answer, false)
    }
    let configuration = try query.configuration
    query.noteDaemonIsDown()
    let result: Result<Explanation, SpoolReports.Failure>
    do {
      result = .success(try await OfflineExplanation(configuration).explain(path, named: name))
    } catch let failure as SpoolReports.Failure {
      result = .failure(failure)
    } catch {
      throw .bug("\(error)")
    }
    return (try query.onDisk { () throws(SpoolReports.Failure) in try result.get() }, true)
  }

  private static func answer(
    _ explanation: Explanation, _ path: String, shown: String, isPicked: String
  ) throws(Failure) -> (Explanation, ExitStatus) {
    var explanation = explanation
    switch explanation.outcome {
    case "absent": throw .notFound("there is no '\(path)'")
    case "waiting": return (explanation, .later)
    case "cannot-be-taken": return (explanation, .wrongData)
    default:
      if explanation.findings.isEmpty {
        explanation.findings = ["\(shown): nothing is wrong; it is \(isPicked)"]
      }
      return (explanation, .done)
    }
  }
}
