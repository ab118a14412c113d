import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let watch = CommandOption("watch", help: "shows it anew every second, until q or Ctrl-C")
}

extension Subcommand {
  static let status = Subcommand(
    name: "status", summary: "shows on one screen how the daemon, the server and each source are doing",
    details: """
      While the daemon is down it shows what the journal says, and ends with 0 as well. On a
      terminal times are local or relative, and a running upload has a bar, its rate and the
      time that is left. --watch needs a terminal, and goes on when the daemon is restarted.
      """,
    options: [.watch, .json]
  ) { invocation throws(Failure) in
    if invocation.has(.watch) { try checkWatch(invocation) }
    let query = try DaemonQuery(invocation)
    if invocation.has(.watch) {
      var watch = StatusWatch(query)
      try watch.run()
      return .done
    }
    let answer = try StatusAnswer(query)
    if answer.isFromJournal { query.noteDaemonIsDown() }
    if invocation.has(.json) {
      try StandardOutput.writeJSON(answer.report)
    } else {
      try StandardOutput.writeLine(StatusPage(answer.report, Terminal.style()).text)
    }
    return .done
  }

  private static func checkWatch(_ invocation: Invocation) throws(Failure) {
    if invocation.has(.json) { throw .usage("--watch and --json exclude each other", subcommand: "status") }
    guard Terminal.canBeDrawnOn else {
      throw .usage(
        "--watch needs a terminal; for programs, call 'status --json' as often as needed",
        subcommand: "status")
    }
  }
}

/// How things stand, as the daemon or, while it is down, the journal says.
struct StatusAnswer {
  let report: StatusReport
  let isFromJournal: Bool

  /// `patience` is how many seconds the daemon may be silent.
  init(_ query: DaemonQuery, patience: Int? = nil) throws(Failure) {
    if case .status(let answer) = try query.ask(.status, patience: patience) {
      (report, isFromJournal) = (answer, false)
      return
    }
    let state = try query.onDisk { reports throws(SpoolReports.Failure) in try reports.state() }
    report = StatusReport(query.configuration, state, daemon: .stopped, now: SystemTime().now)
    isFromJournal = true
  }
}
