import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// What the commands that change something print, to the letter.
@Suite struct GoldenChangingTests {
  private static let note =
    "haplo-importd: the daemon is not running; it acts on this at its next start"
  private static let noChange = "haplo-importd: the daemon is not running, and nothing was changed"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test func `run, from its start to a signal`() throws {
    let daemon = RunningProgram(["--config", bench.configuration, "run"])
    try #require(daemon.line(with: "has started") != nil, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(
      bench.normalised(daemon.transcript) == """
        <6>drop directory watched source=hr directory=DIR/spool/drop/hr
        <5>haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
        <5>stopping: uploads end at once, a schedule call gets 15 s

        """)
  }

  @Test func `once, with a set that is archived and one that is rejected`() throws {
    try bench.dropFolder("first")
    bench.expect(
      ["once"],
      errors: """
        <6>drop directory watched source=hr directory=DIR/spool/drop/hr
        <5>haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
        <6>set=SET source=hr state=claimed name=first
        <6>set=SET source=hr state=uploading batch=BATCH files=1
        <6>set=SET source=hr state=scheduling batch=BATCH mode=dry-run
        <5>set=SET source=hr state=scheduled batch=BATCH mode=dry-run files=1 attempts=1
        <5>set=SET source=hr state=archived path=DIR/spool/archive/hr/DATE/SET
        """)
    try bench.dropFolder("second", control: "[]")
    bench.expect(
      ["once"], 65,
      errors: """
        <6>drop directory watched source=hr directory=DIR/spool/drop/hr
        <5>haplo-importd 0.1.0 has started sources=1 server=URL waiting=COUNT
        <6>set=SET source=hr state=claimed name=second
        <3>set=SET source=hr state=rejected reason="Invalid control file: control.json:1:1: \
        Not a control file: it is an array, not an object" remedy="correct the control file and drop the set \
        again" path=DIR/spool/rejected/hr/SET
        """)
  }

  @Test func `pause and resume, twice each`() {
    bench.expect(
      ["pause", "hr"], output: "hr: paused: nothing of it is taken or scheduled until 'resume'",
      errors: "<5>source paused source=hr by=USER\n" + Self.note)
    bench.expect(["pause", "hr"], output: "hr: it is paused already, by USER", errors: Self.noChange)
    bench.expect(
      ["resume", "hr"], output: "hr: resumed", errors: "<5>source resumed source=hr\n" + Self.note)
    bench.expect(["resume", "hr"], output: "hr: it is not paused", errors: Self.noChange)
    bench.expect(
      ["pause", "nobody"], 66,
      errors: Self.noChange + "\nhaplo-importd: nobody: there is no source of this name")
    bench.expect(
      ["pause", "nobody", "hr"], 66, output: "hr: paused: nothing of it is taken or scheduled until 'resume'",
      errors: """
        <5>source paused source=hr by=USER
        \(Self.note)
        haplo-importd: nobody: there is no source of this name
        """)
  }

  @Test func `pause and resume by the running daemon say the same, and nothing besides`() throws {
    let daemon = try bench.startDaemon()
    bench.expect(
      ["pause", "hr"], output: "hr: paused: nothing of it is taken or scheduled until 'resume'")
    bench.expect(["resume", "hr"], output: "hr: resumed")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `approve and reject`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    bench.expect(["approve", set], output: "SET: it is imported", errors: Self.note)
    bench.expect(
      ["approve", set], 65,
      errors: Self.noChange + "\nhaplo-importd: SET: it does not await approval; it is claimed")
    bench.expect(["reject", set, "--reason", "too old"], output: "SET: it is rejected", errors: Self.note)
    bench.expect(
      ["reject", set, "--reason", "too old"], 65,
      errors: Self.noChange + "\nhaplo-importd: SET: it is rejected already")
    bench.expect(
      ["retry", set], 65,
      errors: Self.noChange + """

        haplo-importd: SET: it is rejected, but its files are still to be moved, which the daemon or 'once' does \
        first; try again after that
        """)
    #expect(bench.run("show", set).output.contains("\nReason      too old (rejected by "))
  }

  @Test func `retry of a rejected set, of an archived one, and of none`() throws {
    try bench.dropFolder("second", control: "[]")
    try #require(bench.run("once").status == 65)
    bench.expect(
      ["retry", try bench.ids()[0]], output: "SET: it goes back into its source's queue", errors: Self.note)
    bench.expect(
      ["retry", "1970"], 66, errors: Self.noChange + "\nhaplo-importd: 1970: there is no set of this id")
    let other = try ProgramBench()
    try other.dropFolder("first")
    try #require(other.run("once").status == 0)
    let archived = try other.ids()[0]
    other.expect(
      ["retry", archived], 65,
      errors: Self.noChange + """

        haplo-importd: SET: the server has scheduled it already; say --import-again if it is to be imported \
        once more, because the server was restored from a backup, say
        """)
    other.expect(
      ["retry", "--import-again", archived], output: "SET: it leaves the archive and is imported again",
      errors: Self.note)
  }

  @Test func `prune, first as a dry run`() throws {
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    bench.expect(["prune"])
    try bench.configure(source: "QuietSec=0\nArchiveKeepSec=0")
    bench.expect(
      ["prune", "--dry-run"], output: "DIR/spool/archive/hr/DATE/SET: would be removed, 188 bytes")
    bench.expect(["prune"], output: "DIR/spool/archive/hr/DATE/SET: removed, 188 bytes")
    bench.expect(["prune"])
  }
}
