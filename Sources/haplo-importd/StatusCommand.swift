import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let status = Subcommand(
    name: "status", summary: "shows on one screen how the daemon, the server and each source are doing",
    details: "While the daemon is down it shows what the journal says, and ends with 0 as well.",
    options: [.json]
  ) { invocation throws(Failure) in
    let query = try DaemonQuery(invocation)
    let report: StatusReport
    if case .status(let answer) = try query.ask(.status) {
      report = answer
    } else {
      query.noteDaemonIsDown()
      let state = try query.onDisk { reports throws(SpoolReports.Failure) in try reports.state() }
      report = StatusReport(query.configuration, state, daemon: .stopped, now: SystemTime().now)
    }
    if invocation.has(.json) {
      try StandardOutput.writeJSON(report)
    } else {
      try StandardOutput.writeLine(StatusPage(report).text)
    }
    return .done
  }
}

/// How things stand, on one screen.
struct StatusPage {
  private let report: StatusReport

  init(_ report: StatusReport) { self.report = report }

  var text: String {
    ([daemonLine, serverLine] + report.sources.flatMap { sourceLines($0) } + [
      "", "Advice   \(report.advice)",
    ])
    .map { LogEvent.escapingControls($0) }.joined(separator: "\n")
  }

  private var daemonLine: String {
    let process = report.daemon.process.map { ", process \($0)" } ?? ""
    let since = report.daemon.since.map { ", since \($0)" } ?? ""
    return "Daemon   \(report.daemon.state), version \(report.daemon.version)\(process)\(since)"
      + (report.daemon.isDiskFull ? ", DISK FULL" : "")
  }

  private var serverLine: String {
    let reason = report.server.reason.map { ": \($0)" } ?? ""
    let next = report.server.next.map { ", next attempt \($0)" } ?? ""
    return "Server   \(report.server.url), \(report.server.state)\(reason)\(next)"
  }

  private func sourceLines(_ source: StatusReport.Source) -> [String] {
    let mode = source.mode.map { ", mode \($0)" } ?? ""
    let why = source.watchReason.map { " (\($0))" } ?? ""
    var lines = ["", "Source   \(source.source)\(mode), \(source.watch)\(why)  \(source.directory)"]
    if let stopped = source.stopped { lines.append("  STOPPED  \(stopped)") }
    lines.append("  sets     " + counts(source))
    if let oldest = source.oldest {
      lines.append("  oldest   \(oldest), complete since \(source.oldestCompleted ?? "?")")
      if let reason = source.oldestReason { lines.append("           waits: \(firstLine(reason))") }
    }
    if let next = source.next { lines.append("  next     \(next)") }
    for item in source.incoming.prefix(5) {
      lines.append(
        "  incoming \(item.path): \(item.findings.first.map(firstLine) ?? "complete, about to be taken")")
    }
    if source.incoming.count > 5 { lines.append("           and \(source.incoming.count - 5) more") }
    return lines
  }

  private func counts(_ source: StatusReport.Source) -> String {
    let words = SetState.allCases.compactMap { state in
      source.sets[state.rawValue].map { "\($0) \(state.rawValue)" }
    }
    return words.isEmpty ? "none waits" : words.joined(separator: ", ")
  }

  private func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? text
  }
}
