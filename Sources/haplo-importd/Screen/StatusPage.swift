import ImportCore
import ImportService

/// How things stand, on one screen.
struct StatusPage {
  private let report: StatusReport
  private let style: PageStyle
  private let rates: UploadRates

  init(_ report: StatusReport, _ style: PageStyle = .plain, rates: UploadRates = UploadRates()) {
    self.report = report
    self.style = style
    self.rates = rates
  }

  var text: String { lines.joined(separator: "\n") }

  /// With more sources than this, those without trouble have one line each.
  private static let detailedSources = 5

  /// The lines of the page. On a terminal each source shows as many of its uploads and incoming sets, up to five, as
  /// leave room for all and the shell's prompt.
  var lines: [String] {
    let pages = (0...5).reversed().lazy.map { details in lines(details: details).flatMap { style.lines($0) } }
    let rows = style.screen.map { $0.rows - 1 } ?? .max
    return pages.first { $0.count <= rows } ?? lines(details: 0).flatMap { style.lines($0) }
  }

  private func lines(details: Int) -> [String] {
    let troubled = Set(report.attention.compactMap(\.source))
    let first = report.sources.filter { troubled.contains($0.source) }
    let rest = report.sources.filter { !troubled.contains($0.source) }
    let isLong = report.sources.count > Self.detailedSources
    let summary = "Sources  \(report.sources.count): \(first.count) with trouble, \(rest.count) without"
    return [daemonLine, serverLine] + outcomeLines + (isLong ? [summary] : []) + attentionLines
      + first.flatMap { sourceLines($0, details) }
      + (isLong ? [""] + rest.map(sourceLine) : rest.flatMap { sourceLines($0, details) })
  }

  private var attentionLines: [String] {
    if report.attention.isEmpty { return ["", "Attention  nothing to do"] }
    return ["", "Attention"]
      + report.attention.map { "  \($0.severity == .critical ? "CRITICAL" : "warning ") \($0.line)" }
  }

  /// A source without trouble, in one line.
  private func sourceLine(_ source: StatusReport.Source) -> String {
    "Source   \(source.source)\(source.mode.map { ", mode \($0)" } ?? ""), \(source.watch), \(counts(source))"
  }

  private var daemonLine: String {
    let since = report.daemon.since.map { " since \(style.time($0))" } ?? ""
    let process = report.daemon.process.map { ", process \($0)" } ?? ""
    return
      "Daemon   \(report.daemon.state)\(daemonTrouble)\(since)\(process), version \(report.daemon.version)"
  }

  private var daemonTrouble: String {
    let daemon = report.daemon
    if daemon.isJournalOutdated { return ", JOURNAL OLDER THAN ARCHIVE" }
    if daemon.isDiskFull { return ", DISK FULL" }
    return daemon.obstacle == nil ? "" : ", SPOOL NOT WRITABLE"
  }

  private var serverLine: String {
    let reason = report.server.reason.map { ": \($0)" } ?? ""
    let next = report.server.next.map { ", next attempt \(style.when($0, ""))" } ?? ""
    let since = report.server.since.map { " since \(style.time($0))" } ?? ""
    let isUnasked = report.server.state == "unknown" && report.daemon.state == "running"
    let state = report.server.state + (isUnasked ? " (no request since the start)" : "")
    return "Server   \(report.server.url), \(state)\(since)\(next)\(reason)"
  }

  /// Nothing where outcomes are not read.
  private var outcomeLines: [String] {
    let outcomes = report.outcomes
    guard outcomes.state != "off" else { return [] }
    let since = outcomes.since.map { " since \(style.time($0))" } ?? ""
    let reason = outcomes.reason.map { ": \($0)" } ?? ""
    let jobs = outcomes.open == 1 ? "1 job" : "\(outcomes.open) jobs"
    return ["Outcomes \(outcomes.state)\(since), \(jobs) pending\(reason)"]
  }

  private func sourceLines(_ source: StatusReport.Source, _ details: Int) -> [String] {
    let mode = source.mode.map { ", mode \($0)" } ?? ""
    let why = source.watchReason.map { " (\($0))" } ?? ""
    var lines = ["", "Source   \(source.source)\(mode), \(source.watch)\(why)  \(source.directory)"]
    if let stopped = source.stopped { lines.append("  STOPPED  \(stopped)") }
    if let overdue = source.overdue { lines.append("  OVERDUE  \(overdue)") }
    lines.append("  sets     " + counts(source))
    if let oldest = source.oldest {
      lines.append(
        "  oldest   \(oldest), complete \(source.oldestCompleted.map { style.when($0, "since") } ?? "")")
      if let reason = source.oldestReason {
        lines.append("           waits: \(PrintableText.joiningLines(reason))")
      }
    }
    if let next = source.next { lines.append("  next     attempt \(style.when(next, "at"))") }
    if source.watch == "not running" {
      lines.append(
        "  incoming not examined while the daemon is down; run 'haplo-importd explain \(ShellWord(source.directory))'"
      )
    }
    return lines + detailLines(source, details)
  }

  /// Uploads and incoming sets, so many in all.
  private func detailLines(_ source: StatusReport.Source, _ details: Int) -> [String] {
    let uploads = report.uploads.filter { $0.source == source.source }.map { "  upload   \(upload($0))" }
    let incoming = source.incoming.map { item in
      let path = PrintableText.escaping(item.path)
      var finding = item.findings.first.map(PrintableText.joiningLines) ?? "complete, about to be picked up"
      if finding.utf8.starts(with: "\(path): ".utf8) {
        finding = String(Substring(finding.utf8.dropFirst(path.utf8.count + 2)))
      }
      return "  incoming \(path): \(finding)"
    }
    let all = uploads + incoming
    var lines = Array(all.prefix(details))
    if all.count > details, !lines.isEmpty { lines[lines.count - 1] += " (and \(all.count - details) more)" }
    return lines
  }

  private func upload(_ upload: StatusReport.Upload) -> String {
    let line = UploadLine(upload, rate: rates.known(upload))
    guard let screen = style.screen else { return line.plain }
    return line.shown(columns: screen.columns - 11, hasBlocks: screen.hasBlocks)
  }

  private func counts(_ source: StatusReport.Source) -> String {
    let words = SetState.allCases.compactMap { state in
      source.sets[state.rawValue].map { "\($0) \(state.rawValue)" }
    }
    let queue = words.isEmpty ? "queue empty" : words.joined(separator: ", ")
    return source.incomingCount > 0 ? "\(queue), \(source.incomingCount) incoming" : queue
  }
}
