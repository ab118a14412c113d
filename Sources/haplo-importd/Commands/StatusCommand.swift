import Glibc
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
private struct StatusAnswer {
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

extension MonitoringCheck {
  /// How many seconds the daemon may take: monitoring systems end their plugins after ten or more.
  private static let patience = 8

  /// Asks the daemon or, while it is down, the journal. What goes wrong is a state as well.
  init(asking invocation: Invocation) {
    do throws(Failure) {
      let answer = try StatusAnswer(try DaemonQuery(invocation), patience: Self.patience)
      self.init(answer.report, now: SystemTime().now)
    } catch {
      let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      let prefix = "\(Program.name): "
      self.init(Self.state(error), text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
    }
  }

  private static func state(_ failure: Failure) -> State {
    switch failure {
    // It hangs, or its journal cannot be read while it is down.
    case .daemon, .silence, .report, .service: .critical
    // It is down, for it was not found by what can be read of the files.
    case .configuration(.invalid): .critical
    default: .unknown
    }
  }
}

/// Shows how things stand every second, until somebody has seen enough. A daemon that goes away or comes back meanwhile
/// is no reason to end.
private struct StatusWatch {
  private static let interval: Int32 = 1000
  /// How many seconds the daemon may be silent, during which keys are not looked at.
  private static let patience = 2

  private let query: DaemonQuery
  private var rates = UploadRates()

  init(_ query: DaemonQuery) { self.query = query }

  /// Returns when a key or signal ends it. Throws what keeps even the first page from being shown.
  mutating func run() throws(Failure) {
    // Before the terminal is taken over, so that whoever may not ask reads why.
    var page = try page(Terminal.style())
    let terminal = try WatchedTerminal()
    repeat {
      let style = Terminal.style()
      try terminal.draw(Self.fitting(page, style))
      if try terminal.wait(Self.interval) == .end { return }
      do throws(Failure) {
        page = try self.page(Terminal.style())
      } catch {
        page = ["\(error)", "Retried every second."].flatMap { style.lines($0) }
      }
    } while true
  }

  private mutating func page(_ style: PageStyle) throws(Failure) -> [String] {
    let answer = try StatusAnswer(query, patience: Self.patience)
    rates.observe(answer.report.uploads)
    let note = answer.isFromJournal ? style.lines("Note     \(DaemonQuery.daemonIsDown)") : []
    return note + StatusPage(answer.report, style, rates: rates).lines
  }

  /// As much of a page as there is room for, and how to end it.
  private static func fitting(_ page: [String], _ style: PageStyle) -> [String] {
    guard let rows = style.screen?.rows else { return page }
    let rest = page.count > rows - 1 ? ["… (\(page.count - rows + 2) more lines)"] : []
    let shown = page.prefix(rows - 1 - rest.count) + rest
    return shown + Array(repeating: "", count: max(0, rows - 1 - shown.count)) + ["q ends"]
  }
}
