import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension CommandOption {
  fileprivate static let check = CommandOption(
    "check", help: "print one line and exit with 0 to 3, as plugins for Nagios, Icinga and Checkmk do")
  static let watch = CommandOption("watch", help: "refresh every second, until q or Ctrl-C")
}

extension Subcommand {
  static let status = Subcommand(
    name: "status", summary: "shows daemon, server, each source, and everything that needs a decision",
    details: """
      Lists everything that needs a decision, the most severe first, each with the command to
      run. While the daemon is down, reads its journal and says so; the exit status is 0, too.
      An error in the configuration on disk is shown and hides nothing else. On a terminal,
      times are local or relative, and a running upload has a bar, its rate and its remaining
      time. --watch needs a terminal, and continues when the daemon is restarted.

      --check prints 'HAPLO-IMPORTD STATE - text | values' for monitoring systems. Exit status
      with it: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. CRITICAL: the daemon is down or does
      not answer, the server refuses deliveries, the disk is full, the journal is damaged, a
      drop directory is lost, a job failed or is stuck. WARNING: sets are rejected or held,
      have been deferred for longer than 1 h or awaited approval for longer than
      ApprovalWarnSec=, a source is overdue or halted, something has been incomplete for
      longer than IncompleteWarnSec= or cannot be picked up, a set was imported with errors,
      the outcome key is refused, the configuration on disk is invalid.
      """,
    options: [.check, .watch, .json]
  ) { invocation throws(Failure) in
    if invocation.has(.check) { return try check(invocation) }
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
      for line in StatusPage(answer.report, Terminal.style()).lines { try StandardOutput.writeStyled(line) }
    }
    return .done
  }

  private static func check(_ invocation: Invocation) throws(Failure) -> ExitStatus {
    if invocation.has(.watch) || invocation.has(.json) {
      throw .usage("--check excludes --watch and --json", subcommand: "status")
    }
    let check = MonitoringCheck(asking: invocation)
    try StandardOutput.writeLine(check.line)
    return ExitStatus(check.state)
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

/// The state of everything, as the daemon or, while it is down, the journal reports it.
struct StatusAnswer {
  let report: StatusReport
  let isFromJournal: Bool

  /// `patience` is how many seconds the daemon may take.
  init(_ query: DaemonQuery, patience: Int? = nil) throws(Failure) {
    var report: StatusReport
    if case .status(let answer) = try query.ask(.status, patience: patience, isQuiet: patience != nil) {
      (report, isFromJournal) = (answer, false)
      if let failure = query.obstacleToStart {
        report.updateAttention(
          unit: query.unit, with: [Self.attention(failure, "so the daemon keeps the one it has")])
      }
    } else {
      let configuration = try query.configuration
      let state = try query.onDisk { () throws(SpoolReports.Failure) in
        try SpoolReports.state(configuration, fileSystem: FileSystem())
      }
      let now = SystemTime().now
      report = StatusReport(configuration, state, daemon: .stopped, now: now)
      let reports = SpoolReports(configuration, state, fileSystem: FileSystem(), now: now)
      report.add(folderGone: reports.setsWithoutFolder())
      report.updateAttention(
        unit: query.unit,
        with: query.obstacleToStart.map { [Self.attention($0, "so the daemon does not start")] } ?? [])
      isFromJournal = true
    }
    self.report = report
  }

  private static func attention(_ failure: Failure, _ consequence: String) -> Attention {
    let first = "\(failure)".split(separator: "\n").first.map(String.init) ?? ""
    return Attention(
      .warning, "the configuration on disk is invalid, \(consequence): \(first)",
      command: "haplo-importd config")
  }
}
