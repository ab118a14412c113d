import FoundationEssentials
import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let explain = Subcommand(
    name: "explain", operands: "PATH", operandCount: 1...1,
    summary: "says why a file or folder in a drop directory is not taken yet",
    details: """
      Ends with 0 if nothing is wrong with it or it has been taken, 75 if it waits, 65 if
      it cannot be taken as it is, 66 if there is no such path.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let query = try DaemonQuery(invocation)
    let path = absolute(invocation.operands[0])
    let explanation: Explanation
    if case .explained(let answer) = try query.ask(.explain(path: path)) {
      explanation = answer
    } else {
      query.noteDaemonIsDown()
      explanation = await OfflineExplanation(query.configuration).explain(path)
    }
    let answer = try finished(explanation, path, query)
    if invocation.has(.json) {
      try StandardOutput.writeJSON(answer.0)
    } else {
      for line in answer.0.findings { try StandardOutput.writeLine(line) }
    }
    return answer.1
  }

  /// What is gone from a drop directory may have been taken: then its set is named.
  private static func finished(
    _ explanation: Explanation, _ path: String, _ query: DaemonQuery
  ) throws(Failure) -> (Explanation, ExitStatus) {
    var explanation = explanation
    switch explanation.outcome {
    case "elsewhere":
      let directories = query.configuration.sources.map(\.directory).joined(separator: ", ")
      throw .notFound("'\(path)' is in no drop directory; those are: \(directories)")
    case "absent":
      guard let set = try taken(path, query) else { throw .notFound("there is no '\(path)'") }
      explanation.outcome = "taken"
      explanation.findings = ["\(path): taken as set \(set.set), which is \(set.state.rawValue)"]
      return (explanation, .done)
    case "waiting": return (explanation, .later)
    case "cannot-be-taken": return (explanation, .wrongData)
    default:
      if explanation.findings.isEmpty {
        explanation.findings = ["\(path): nothing is wrong; it is about to be taken"]
      }
      return (explanation, .done)
    }
  }

  private static func taken(_ path: String, _ query: DaemonQuery) throws(Failure) -> SetReport? {
    for source in query.configuration.sources {
      guard let inside = DropPath.inside(source.directory, path) else { continue }
      let name = String(inside.split(separator: "/").first ?? "")
      let sets = try query.onDisk { reports throws(SpoolReports.Failure) in
        try reports.list(source: source.name)
      }
      return sets.last { $0.name == name || $0.files.contains { $0.file == name } && $0.form == .flat }
    }
    return nil
  }

  private static func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    let parts = whole.split(separator: "/").filter { $0 != "." }
    return "/" + parts.joined(separator: "/")
  }
}
