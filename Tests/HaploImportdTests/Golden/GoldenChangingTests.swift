import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// What the commands that change something print, to the letter.
@Suite struct GoldenChangingTests {
  private static let note =
    "haplo-importd: the daemon is not running; it acts on this at its next start"
  private static let done = "haplo-importd: the daemon is not running; this command has done the work itself"
  private static let noChange = "haplo-importd: the daemon is not running, and nothing was changed"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test func `run, from its start to a signal`() throws {
    let daemon = RunningProgram(["--config", bench.configuration, "run"])
    try #require(daemon.line(with: "has started") != nil, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    bench.expectLog(
      ["run"], of: daemon,
      """
      <6>source configured source=hr mode=dry-run
      <6>drop directory watched source=hr directory=DIR/spool/drop/hr
      <5>haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
      <5>shutting down: aborting uploads, waiting up to 15 s for a schedule call

      """)
  }

  @Test func `once, with a set that is archived and one that is rejected`() throws {
    try bench.dropFolder("first")
    bench.expect(
      ["once"],
      errors: """
        source configured source=hr mode=dry-run
        drop directory watched source=hr directory=DIR/spool/drop/hr
        haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
        set=SET source=hr state=claimed name=first
        set=SET source=hr state=uploading batch=BATCH files=1
        set=SET source=hr state=scheduling batch=BATCH mode=dry-run
        set=SET source=hr state=scheduled batch=BATCH mode=dry-run files=1 records=0 attempts=1
        set=SET source=hr state=archived path=DIR/spool/archive/hr/DATE/SET
        """)
    try bench.dropFolder("second", control: "[]")
    bench.expect(
      ["once"], 65,
      errors: """
        source configured source=hr mode=dry-run
        drop directory watched source=hr directory=DIR/spool/drop/hr
        haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
        set=SET source=hr state=claimed name=second
        set=SET source=hr state=rejected reason="Invalid control file: control.json:1:1: \
        Not a control file: it is an array, not an object" remedy="correct the control file and drop the set \
        again" path=DIR/spool/rejected/hr/SET
        """)
  }

  @Test func `pause and resume, twice each`() {
    bench.expect(
      ["pause", "hr"],
      output: "hr: paused: no sets are accepted or scheduled until 'haplo-importd resume hr'",
      errors: Self.note)
    bench.expect(["pause", "hr"], output: "hr: already paused by USER", errors: Self.noChange)
    bench.expect(
      ["resume", "hr"], output: "hr: resumed", errors: Self.note)
    bench.expect(["resume", "hr"], output: "hr: not paused", errors: Self.noChange)
    bench.expect(
      ["pause", "nobody"], 66,
      errors: Self.noChange + "\nhaplo-importd: nobody: there is no source of this name")
    bench.expect(
      ["pause", "nobody", "hr"], 66,
      output: "hr: paused: no sets are accepted or scheduled until 'haplo-importd resume hr'",
      errors: """
        \(Self.note)
        haplo-importd: nobody: there is no source of this name
        """)
  }

  @Test func `pause and resume by the running daemon say the same, and nothing besides`() throws {
    let daemon = try bench.startDaemon()
    bench.expect(
      ["pause", "hr"], output: "hr: paused: no sets are accepted or scheduled until 'haplo-importd resume hr'"
    )
    bench.expect(["resume", "hr"], output: "hr: resumed")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `approve and reject`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    bench.expect(["approve", set], output: "SET: approved; queued for import", errors: Self.note)
    bench.expect(
      ["approve", set], 65,
      errors: Self.noChange + "\nhaplo-importd: SET: the set does not await approval; it is claimed")
    bench.expect(["reject", set, "--reason", "too old"], output: "SET: rejected", errors: Self.done)
    bench.expect(
      ["reject", set, "--reason", "too old"], 65,
      errors: Self.noChange + "\nhaplo-importd: SET: the set is rejected already; to delete it, run "
        + "'haplo-importd discard SET'")
    #expect(bench.run("show", set).output.contains("\nReason      too old (rejected by "))
    bench.expect(["retry", set], output: "SET: requeued", errors: Self.note)
    bench.expect(["reject", set, "--reason", "too old"], output: "SET: rejected", errors: Self.done)
    bench.expect(["discard", set], output: "SET: discarded; its files are deleted", errors: Self.done)
    #expect(bench.run("list").output == "no sets\n" || !bench.run("list").output.contains(set))
  }

  @Test func `retry of a rejected set, of an archived one, and of none`() throws {
    try bench.dropFolder("second", control: "[]")
    try #require(bench.run("once").status == 65)
    bench.expect(
      ["retry", try bench.ids()[0]], output: "SET: requeued", errors: Self.note)
    bench.expect(
      ["retry", "1970"], 66,
      errors: Self.noChange
        + "\nhaplo-importd: 1970: there is no set of this id; a decision needs at least the date "
        + "of the id (8 digits)")
    let other = try ProgramBench()
    try other.dropFolder("first")
    try #require(other.run("once").status == 0)
    let archived = try other.ids()[0]
    other.expect(
      ["retry", archived], 65,
      errors: Self.noChange + """

        haplo-importd: SET: the server has scheduled the set already. To import it once more (because the server was \
        restored from a backup, say), run 'haplo-importd retry --import-again SET'
        """)
    other.expect(
      ["retry", "--import-again", archived], output: "SET: queued for re-import from the archive",
      errors: Self.note)
  }

  @Test func `prune discards rejected sets, without the daemon and by it`() throws {
    for isRunning in [false, true] {
      try bench.configure()
      try bench.dropFolder("second", control: "[]")
      try #require(bench.run("once").status == 65)
      let daemon = isRunning ? try bench.startDaemon() : nil
      // The running daemon knows nothing of this policy.
      try bench.configure(source: "QuietSec=0\nRejectedKeepSec=0")
      bench.expect(
        ["prune", "--dry-run"],
        output: "DIR/spool/rejected/hr/SET: would be discarded, 4 bytes\nwould delete 1 set, 4 bytes")
      bench.expect(
        ["prune"], output: "DIR/spool/rejected/hr/SET: discarded, 4 bytes\ndeleted 1 set, 4 bytes",
        errors: isRunning ? "" : Self.done)
      daemon?.signal(SIGTERM)
      if let daemon { #expect(daemon.end() == 0) }
      bench.expect(["prune"], output: "deleted 0 sets, 0 bytes")
    }
  }

  @Test func `prune says where only the files of a set go`() throws {
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    try bench.configure(source: "QuietSec=0\nArchiveFilesKeepSec=0")
    bench.expect(
      ["prune"],
      output: """
        DIR/spool/archive/hr/DATE/SET: files deleted, 188 bytes
        deleted 0 sets, the files of 1 set, 188 bytes
        """)
    #expect(bench.run("show", try bench.ids()[0]).output.contains("(ArchiveFilesKeepSec=)"))
  }

  @Test func `prune, first as a dry run`() throws {
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    bench.expect(["prune"], output: "deleted 0 sets, 0 bytes")
    try bench.configure(source: "QuietSec=0\nArchiveKeepSec=0")
    bench.expect(
      ["prune", "--dry-run"],
      output: "DIR/spool/archive/hr/DATE/SET: would be deleted, 188 bytes\nwould delete 1 set, 188 bytes")
    bench.expect(
      ["prune"],
      output: "DIR/spool/archive/hr/DATE/SET: deleted, 188 bytes\ndeleted 1 set, 188 bytes")
    bench.expect(["prune"], output: "deleted 0 sets, 0 bytes")
  }
}
