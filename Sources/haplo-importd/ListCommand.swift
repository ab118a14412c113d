import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let state = CommandOption("state", argument: "STATE", help: "only sets in this state")
  static let source = CommandOption("source", argument: "NAME", help: "only sets of this source")
}

extension Subcommand {
  static let list = Subcommand(
    name: "list", summary: "lists sets, newest last",
    details: """
      States are: \(SetState.allCases.map(\.rawValue).joined(separator: ", ")).
      Archived sets are read from their receipts.
      """,
    options: [.state, .source, .json]
  ) { invocation throws(Failure) in
    let query = try DaemonQuery(invocation)
    let (state, source) = try selection(invocation, query.configuration)
    let sets: [SetReport]
    if case .sets(let answer) = try query.ask(.list(state: state, source: source)) {
      sets = answer
    } else {
      query.noteDaemonIsDown()
      sets = try query.onDisk { reports throws(SpoolReports.Failure) in
        try reports.list(state: state, source: source)
      }
    }
    if let source, sets.isEmpty, query.configuration.source(source) == nil {
      throw .notFound("there is no source '\(source)'")
    }
    if invocation.has(.json) {
      for set in sets { try StandardOutput.writeJSON(set) }
    } else {
      try StandardOutput.writeLine(SetTable(sets, Terminal.style()).text)
    }
    return .done
  }

  private static func selection(
    _ invocation: Invocation, _ configuration: Configuration
  ) throws(Failure) -> (SetState?, SourceName?) {
    var state: SetState?
    if let word = invocation.argument(of: .state) {
      state = SetState(rawValue: word)
      guard state != nil else {
        let names = SetState.allCases.map(\.rawValue)
        throw .usage(
          "there is no state '\(word)'\(Spelling.hint(for: word, among: names))", subcommand: "list")
      }
    }
    var source: SourceName?
    if let word = invocation.argument(of: .source) {
      source = SourceName(word)
      guard source != nil else { throw .notFound("'\(word)' cannot be the name of a source") }
    }
    return (state, source)
  }
}
