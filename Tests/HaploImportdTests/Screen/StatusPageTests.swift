import ImportCore
import Testing

@testable import ImportService
@testable import haplo_importd

/// Pages as they are drawn, at a fixed time and on a screen of a fixed size.
@Suite struct StatusPageTests {
  private static let now = Timestamp("2026-11-24T07:08:32Z")!

  private func screen(_ columns: Int = 80, _ rows: Int = 24, colour: Bool = false) -> PageStyle {
    PageStyle(
      screen: .init(
        columns: columns, rows: rows, hasColour: colour, hasBlocks: false,
        clock: LocalClock(now: Self.now) { _ in 3600 }))
  }

  private func report(sources: String...) throws -> StatusReport {
    let sections = sources.map { "[Source \($0)]\n" }.joined()
    let configuration = try Configuration.parse(
      [ConfigurationFile(path: "x", text: "[Server]\nURL=https://research.example.ac.uk\n" + sections)],
      environment: .init())
    var report = StatusReport(
      configuration, JournalState(),
      daemon: .init(
        state: "running", version: "0.1.0", process: 4711, since: "2026-11-24T04:05:12Z", isDiskFull: false),
      now: Self.now)
    report.server.state = "accepting"
    for index in report.sources.indices { report.sources[index].watch = "watched" }
    report.updateAttention(unit: "x")
    return report
  }

  private func upload(_ source: String, sent: Int64, size: Int64, seconds: Double) -> StatusReport.Upload {
    .init(
      set: "20261124T070512Z-\(source)-7f3k2m9q", source: source, file: "staff.xml", sent: sent, size: size,
      seconds: seconds, setSent: sent, setSize: size, filesSent: 0, files: 1)
  }

  private func busy(_ source: inout StatusReport.Source) {
    source.sets = ["uploading": 1, "deferred": 1, "rejected": 3]
    source.oldest = "20261124T070512Z-\(source.source)-7f3k2m9q"
    source.oldestCompleted = "2026-11-24T07:05:12Z"
    source.oldestReason = "Service unavailable"
    source.next = "2026-11-24T07:09:12Z"
    source.incoming = (1...9).map {
      .init(path: "half-\($0)", findings: ["half-\($0)/staff: is growing"], isOverdue: false)
    }
  }

  @Test func `the line about outcomes counts the pending jobs`() throws {
    for (open, words) in [(0, "0 jobs"), (1, "1 job"), (3, "3 jobs")] {
      var report = try report(sources: "hr")
      (report.outcomes.state, report.outcomes.open) = ("reading", open)
      #expect(StatusPage(report).lines.contains("Outcomes reading, \(words) pending"))
    }
  }

  @Test func `a set that waits for another attempt is told of where nothing else is to be done`() throws {
    var report = try report(sources: "hr")
    #expect(report.advice == "nothing to do" && report.attention.isEmpty)
    report.sources[0].sets = ["deferred": 2]
    report.sources[0].oldestReason = "cannot connect"
    report.sources[0].next = "2026-11-24T07:10:00Z"
    report.updateAttention(unit: "x")
    #expect(
      report.advice == "hr: 2 sets are retried, next attempt at 2026-11-24T07:10:00Z: cannot connect; run "
        + "'haplo-importd list --source hr --state deferred'")
  }

  @Test
  func `everything that needs a person is listed, gravest first, counted, with its command, and wrapped`()
    throws
  {
    var report = try report(sources: "hr", "library")
    report.sources[0].sets = ["rejected": 4, "awaiting-approval": 1]
    report.sources[1].sets = ["held": 2]
    report.sources[1].incoming = [
      .init(path: "half", findings: ["half: data file missing: control.json names 'data0'"], isOverdue: true),
      .init(path: "a\\x07b", findings: ["x"], isOverdue: false, isUnusable: true),
    ]
    report.server.state = "key-refused"
    (report.server.reason, report.server.remedy) = ("the server refused the API key", "put in a valid one")
    report.updateAttention(unit: "x")
    #expect(report.attention.map(\.count) == [1, 1, 2, 4, 1, 1])
    #expect(
      report.attention.map(\.command) == [
        nil, "haplo-importd explain '/var/spool/haplo-importd/drop/library/a\\x07b'",
        "haplo-importd list --source library --state held", "haplo-importd list --source hr --state rejected",
        "haplo-importd explain /var/spool/haplo-importd/drop/library/half",
        "haplo-importd list --source hr --state awaiting-approval",
      ])
    let page = StatusPage(report, screen(60, 99)).lines
    #expect(page.allSatisfy { $0.count <= 60 && !$0.contains("…") })
    let words = page.map { $0.drop { $0 == " " } }.joined(separator: " ")
    for attention in report.attention { #expect(words.contains(attention.line), "\(words)") }
  }

  @Test func `with many sources the troubled ones come first, and the others have one line each`() throws {
    var report = try report(
      sources: "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2", "b3", "b4", "b5", "b6", "b7",
      "b8",
      "b9", "c1", "c2")
    report.sources[17].sets = ["rejected": 1]
    report.updateAttention(unit: "x")
    let page = StatusPage(report, screen(100, 50)).lines
    #expect(page[2] == "Sources  20: 1 with trouble, 19 without")
    #expect(page.count { $0.hasPrefix("Source ") } == 20 && page.count < 40)
    let first = try #require(page.first { $0.hasPrefix("Source ") })
    #expect(first.hasPrefix("Source   b9, mode dry-run, watched"))
  }

  @Test func `a text is wrapped between words where it can be`() {
    #expect(PageStyle.wrapped("one two three", to: 7) == ["one two", "three"])
    #expect(PageStyle.wrapped("one two three", to: 7, indent: 2) == ["one two", "  three"])
    #expect(PageStyle.wrapped("abcdefgh", to: 3) == ["abc", "def", "gh"])
    #expect(PageStyle.wrapped("  abcdefgh", to: 6, indent: 1) == ["  abcd", " efgh"])
    #expect(PageStyle.wrapped("", to: 6) == [""])
  }

  @Test func `a terminal gets relative times, and lines of its width`() throws {
    var report = try report(sources: "hr")
    busy(&report.sources[0])
    report.sources[0].incoming = []
    report.uploads = [upload("hr", sent: 3 << 20, size: 12 << 20, seconds: 6)]
    #expect(
      StatusPage(report, screen()).text == """
        Daemon   running since 2026-11-24 05:05:12+01:00 (3 h ago), process 4711,
                   version 0.1.0
        Server   https://research.example.ac.uk, accepting

        Attention  nothing to do

        Source   hr, mode dry-run, watched  /var/spool/haplo-importd/drop/hr
          sets     1 uploading, 1 deferred, 3 rejected
          oldest   20261124T070512Z-hr-7f3k2m9q, complete 3 min ago
                   waits: Service unavailable
          next     attempt in 40 s
          upload   staff.xml  ####.............. 25 %  3.00M of 12.0M  512K/s  18 s left
        """)
  }

  @Test func `other readers get whole lines and absolute times`() throws {
    var report = try report(sources: "hr")
    busy(&report.sources[0])
    report.sources[0].incoming = []
    report.uploads = [upload("hr", sent: 3 << 20, size: 12 << 20, seconds: 6)]
    #expect(
      StatusPage(report).text == """
        Daemon   running since 2026-11-24T04:05:12Z, process 4711, version 0.1.0
        Server   https://research.example.ac.uk, accepting

        Attention  nothing to do

        Source   hr, mode dry-run, watched  /var/spool/haplo-importd/drop/hr
          sets     1 uploading, 1 deferred, 3 rejected
          oldest   20261124T070512Z-hr-7f3k2m9q, complete since 2026-11-24T07:05:12Z
                   waits: Service unavailable
          next     attempt at 2026-11-24T07:09:12Z
          upload   20261124T070512Z-hr-7f3k2m9q staff.xml: 3145728 of 12582912 bytes (25 %)
        """)
  }

  @Test(arguments: [24, 30, 60])
  func `three sources fit a screen however busy they are, and use what room there is`(rows: Int) throws {
    var report = try report(sources: "hr", "finance", "students")
    for index in report.sources.indices {
      busy(&report.sources[index])
      report.uploads.append(upload(report.sources[index].source, sent: 1, size: 1 << 40, seconds: 6))
    }
    let lines = StatusPage(report, screen(80, rows)).lines
    #expect(lines.count < rows)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.filter { $0.hasPrefix("Source ") }.count == 3)
    #expect(lines.count { $0.contains("% ") } == (rows == 24 ? 0 : 3))
    #expect(rows != 60 || lines.contains { $0.hasSuffix(" (and 5 more)") })
  }

  @Test func `colour stands on labels and states, not on prose`() throws {
    var report = try report(sources: "hr")
    report.sources[0].sets = ["rejected": 1]
    report.sources[0].watch = "lost"
    report.sources[0].watchReason = "it was rejected"
    report.sources[0].stopped = "paused by ada"
    let lines = StatusPage(report, screen(120, colour: true)).lines
    #expect(lines.contains { $0.hasPrefix("\u{1B}[1mDaemon\u{1B}[0m   \u{1B}[32mrunning\u{1B}[0m since ") })
    #expect(lines.contains("  \u{1B}[1msets\u{1B}[0m     1 \u{1B}[31mrejected\u{1B}[0m"))
    #expect(lines.contains("  \u{1B}[1m\u{1B}[31mSTOPPED\u{1B}[0m  paused by ada"))
    #expect(lines.contains { $0.contains("\u{1B}[31mlost\u{1B}[0m (it was") })
  }

  @Test func `names that somebody dropped cannot colour anything`() throws {
    var report = try report(sources: "hr")
    report.sources[0].incoming = [.init(path: "\u{1B}[31mred", findings: ["\u{7}"], isOverdue: false)]
    #expect(StatusPage(report, screen()).lines.contains("  incoming \\x1B[31mred: \\x07"))
  }

  @Test func `an incoming set is named once, and counted beside the queue`() throws {
    var report = try report(sources: "hr")
    report.sources[0].incoming = [
      .init(path: "half", findings: ["half: changed 1 s ago"], isOverdue: false),
      .init(path: "more", findings: ["more/x: is growing"], isOverdue: false),
      .init(path: "a\u{7}b", findings: ["a\\x07b: error: wrong"], isOverdue: false),
    ]
    report.sources[0].incomingCount = 3
    let lines = StatusPage(report).lines
    #expect(lines.contains("  sets     queue empty, 3 incoming"))
    #expect(lines.contains("  incoming half: changed 1 s ago"))
    #expect(lines.contains("  incoming more: more/x: is growing"))
    #expect(lines.contains("  incoming a\\x07b: error: wrong"))
  }

  @Test func `while the daemon is down, the page says that no drop directory was examined`() throws {
    var report = try report(sources: "hr")
    report.sources[0].watch = "not running"
    #expect(
      StatusPage(report).lines.last
        == "  incoming not examined while the daemon is down; run 'haplo-importd explain /var/spool/haplo-importd/drop/hr'"
    )
    report.sources[0].watch = "not configured"
    #expect(!StatusPage(report).text.contains("incoming"))
  }

  @Test func `a file name is cut to the room that its line has`() throws {
    #expect(PageStyle.cut("abcdef", to: 6) == "abcdef")
    #expect(PageStyle.cut("abcdefg", to: 6) == "abcde…")
    #expect(PageStyle.cut("abc", to: 0) == "abc")
  }

  @Test(arguments: [
    ("2026-11-24T07:08:32Z", "now"), ("2026-11-24T07:08:31Z", "1 s ago"),
    ("2026-11-24T07:06:33Z", "119 s ago"),
    ("2026-11-24T07:06:32Z", "2 min ago"), ("2026-11-24T07:09:12Z", "in 40 s"),
    ("2026-11-24T08:58:32Z", "in 110 min"), ("2026-11-24T09:08:32Z", "in 2 h"),
    ("2026-11-20T07:08:32Z", "4 d ago"),
  ])
  func `moments are told from now`(moment: String, words: String) throws {
    #expect(screen().when(moment, "since") == words)
    #expect(PageStyle.plain.when(moment, "since") == "since \(moment)")
  }

  @Test(arguments: [(3600, "08:08:32+01:00"), (-12_600, "03:38:32-03:30"), (0, "07:08:32+00:00")])
  func `local times have their offset`(offset: Int, words: String) {
    let clock = LocalClock(now: Self.now) { _ in offset }
    #expect(clock.text(Self.now) == "2026-11-24 \(words)")
  }

  @Test(
    arguments: [
      (0, "0B"), (999, "999B"), (1000, "0.98K"), (1024, "1.00K"), (10_240, "10.0K"), (102_400, "100K"),
      (1_300_000_000, "1.21G"), (1 << 50, "1024T"),
    ] as [(Int64, String)])
  func `sizes have three digits`(count: Int64, words: String) { #expect(UploadLine.bytes(count) == words) }

  @Test func `a rate is that of the last answers, and one of a new request begins anew`() {
    var rates = UploadRates()
    rates.observe([upload("hr", sent: 100, size: 1000, seconds: 1)])
    #expect(rates.known(upload("hr", sent: 0, size: 0, seconds: 0)) == nil)
    rates.observe([upload("hr", sent: 300, size: 1000, seconds: 2)])
    #expect(rates.known(upload("hr", sent: 0, size: 0, seconds: 0)) == 200)
    rates.observe([upload("hr", sent: 300, size: 1000, seconds: 3)])
    #expect(rates.known(upload("hr", sent: 0, size: 0, seconds: 0)) == 140)
    rates.observe([upload("hr", sent: 10, size: 1000, seconds: 1)])
    #expect(rates.known(upload("hr", sent: 0, size: 0, seconds: 0)) == nil)
  }

  @Test func `a sent file waits for the answer, and a narrow screen has no bar`() {
    let sent = UploadLine(upload("hr", sent: 1000, size: 1000, seconds: 9))
    #expect(
      sent.shown(columns: 69, hasBlocks: true).hasSuffix(" 100 %  0.98K of 0.98K  waits for the answer"))
    let narrow = UploadLine(upload("hr", sent: 10, size: 1000, seconds: 0.5))
    #expect(narrow.shown(columns: 30, hasBlocks: true) == "staff.x…   1 %  10B of 0.98K")
  }

  @Test func `an old journal is named as such, and is no read-only spool`() throws {
    var report = try report(sources: "hr")
    report.daemon.obstacle = "the journal is older than the archive"
    report.daemon.isJournalOutdated = true
    let line = try #require(StatusPage(report, screen()).lines.first)
    #expect(line.contains("JOURNAL OLDER THAN ARCHIVE") && !line.contains("SPOOL"), "\(line)")
  }

  @Test func `a source that is not running is not shown in the colour of a running one`() throws {
    var report = try report(sources: "hr")
    report.sources[0].watch = "not running"
    let lines = StatusPage(report, screen(colour: true)).lines
    #expect(
      lines.contains { $0.contains("not running") } && !lines.contains { $0.contains("not \u{1B}[32m") })
  }
}
