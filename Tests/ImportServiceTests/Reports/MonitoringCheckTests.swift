import ImportCore
import Testing

@testable import ImportService

/// The line of `status --check`, as monitoring systems read it.
@Suite struct MonitoringCheckTests {
  private static let now = Timestamp("2026-11-24T08:00:00Z")!

  /// A report of a running daemon with the sources hr and library.
  private func report(_ change: (inout StatusReport) -> Void = { _ in }) throws -> MonitoringCheck {
    let file = ConfigurationFile(
      path: "c", text: "[Server]\nURL=https://h.example\n[Source hr]\n[Source library]\n")
    let configuration = try Configuration.parse([file], environment: ConfigurationEnvironment())
    var daemon = StatusReport.Daemon.stopped
    daemon.state = "running"
    var report = StatusReport(configuration, JournalState(), daemon: daemon, now: Self.now)
    change(&report)
    report.updateAttention(unit: "haplo-importd")
    return MonitoringCheck(report, now: Self.now)
  }

  private static let noValues =
    "waiting=0;;;0; oldest_waiting=0s;3600;;0; deferred=0;;;0; held=0;0;;0; rejected=0;0;;0; awaiting_approval=0;;;0; "
    + "incomplete=0;;;0;"

  @Test func `nothing to do is OK, with all values`() throws {
    let check = try report()
    #expect(check.state == .okay)
    #expect(check.line == "HAPLO-IMPORTD OK - 2 sources, 0 sets waiting | " + Self.noValues)
  }

  @Test func `values count the sets of all sources by state, and the age of the oldest in seconds`() throws {
    let check = try report { report in
      report.sources[0].sets = ["claimed": 1, "uploading": 2, "deferred": 3, "awaiting-approval": 5]
      report.sources[1].sets = ["scheduling": 4, "skipped": 9]
      report.sources[0].oldestCompleted = "2026-11-24T07:58:20Z"
      report.sources[1].oldestCompleted = "2026-11-24T07:59:00Z"
    }
    #expect(check.state == .okay)
    #expect(
      check.line
        == "HAPLO-IMPORTD OK - 2 sources, 10 sets waiting | waiting=10;;;0; oldest_waiting=100s;3600;;0; deferred=3;;;0; "
        + "held=0;0;;0; rejected=0;0;;0; awaiting_approval=5;;;0; incomplete=0;;;0;")
  }

  @Test func `a server that fails is named in the text before it is a problem`() throws {
    let check = try report { report in
      report.server.state = "failing"
      (report.server.since, report.server.reason) = ("2026-11-24T07:50:00Z", "h.example:443:\nrefused")
    }
    #expect(check.state == .okay)
    #expect(
      check.line
        == "HAPLO-IMPORTD OK - 2 sources, 0 sets waiting; server failing since 2026-11-24T07:50:00Z: "
        + "h.example:443: refused | " + Self.noValues)
  }

  @Test func `without a report all values are there, as unknown ones`() {
    #expect(
      MonitoringCheck(.unknown, "no configuration | none").line
        == "HAPLO-IMPORTD UNKNOWN - no configuration / none | waiting=U;;;0; oldest_waiting=U;3600;;0; deferred=U;;;0; "
        + "held=U;0;;0; rejected=U;0;;0; awaiting_approval=U;;;0; incomplete=U;;;0;")
  }

  /// What is CRITICAL, WARNING or nothing, by a change of the report.
  private static let rows:
    [(name: String, state: MonitoringCheck.State, change: @Sendable (inout StatusReport) -> Void)] = [
      ("daemon down", .critical, { $0.daemon.state = "stopped" }),
      ("disk full", .critical, { $0.daemon.obstacle = "Disk full on /var/spool" }),
      (
        "key refused", .critical,
        {
          $0.server.state = "key-refused"
          $0.server.reason = "HTTP 403"
        }
      ),
      ("directory lost", .critical, { $0.sources[0].watch = "lost" }),
      ("job failed", .critical, { $0.sources[0].troubles = [.init(set: "x", outcome: "failed")] }),
      ("job stuck", .critical, { $0.sources[0].troubles = [.init(set: "x", outcome: "stuck")] }),
      (
        "imported with errors", .warning,
        { $0.sources[0].troubles = [.init(set: "x", outcome: "imported-with-errors")] }
      ),
      ("outcome key refused", .warning, { $0.outcomes.reason = "HTTP 403" }),
      ("rejected", .warning, { $0.sources[0].sets["rejected"] = 1 }),
      ("held", .warning, { $0.sources[0].sets["held"] = 1 }),
      ("overdue", .warning, { $0.sources[1].overdue = "no set received" }),
      ("halted", .warning, { $0.sources[0].stopped = "halted by a rejected set" }),
      ("folder gone", .warning, { $0.sources[0].folderGone = ["20261124T070512Z-hr-7f3k2m9q"] }),
      (
        "incomplete past its warning", .warning,
        {
          $0.sources[0].incoming = [.init(path: "half", findings: [], waitingSeconds: 4000, isOverdue: true)]
        }
      ),
      (
        "incomplete", .okay,
        { $0.sources[0].incoming = [.init(path: "half", findings: [], waitingSeconds: 4, isOverdue: false)] }
      ),
      (
        "awaiting approval too long", .warning,
        {
          $0.sources[0].sets["awaiting-approval"] = 2
          $0.sources[0].approvalOverdue = 1
        }
      ),
      (
        "awaiting approval", .okay,
        {
          $0.sources[0].sets["awaiting-approval"] = 2
          $0.sources[0].approvalOverdue = 0
        }
      ),
      (
        "deferred longer than 1 h", .warning,
        {
          $0.sources[0].sets["deferred"] = 2
          $0.sources[0].deferredLong = 1
        }
      ),
      (
        "deferred", .okay,
        {
          $0.sources[0].sets["deferred"] = 2
          $0.sources[0].deferredLong = 0
        }
      ),
      (
        "server failing", .okay,
        {
          $0.server.state = "failing"
          $0.server.reason = "HTTP 503"
        }
      ),
      (
        "paused", .okay,
        {
          $0.sources[0].stopped = "paused by root"
          $0.sources[0].isPaused = true
        }
      ),
    ]

  @Test(arguments: rows.indices)
  func `each row of the contract has its state`(index: Int) throws {
    let row = Self.rows[index]
    #expect(try report(row.change).state == row.state, "\(row.name)")
  }

  @Test func `the gravest problem decides, and comes first in the text`() throws {
    let check = try report { report in
      report.sources[0].sets["rejected"] = 4
      report.daemon.state = "stopped"
    }
    #expect(
      check.line.hasPrefix("HAPLO-IMPORTD CRITICAL - the daemon is not running; hr: 4 rejected sets | "))
  }

  @Test func `five problems are listed, and the others counted`() throws {
    let check = try report { report in
      for index in 0..<2 {
        report.sources[index].sets = ["rejected": 1, "held": 1]
        report.sources[index].overdue = "no set received"
        report.sources[index].folderGone = ["x"]
      }
    }
    #expect(check.line.contains("; and 3 more | "))
  }

  @Test func `the text is one line without a bar, which would end it`() throws {
    let check = try report { $0.daemon.obstacle = "Disk full | really\nsecond line\u{7}" }
    #expect(check.line.hasPrefix("HAPLO-IMPORTD CRITICAL - Disk full / really; second line\\"))
    #expect(!check.line.contains("\n") && check.line.split(separator: "|").count == 2)
    #expect(MonitoringCheck(.unknown, "cannot read").line.hasPrefix("HAPLO-IMPORTD UNKNOWN - cannot read | "))
  }
}
