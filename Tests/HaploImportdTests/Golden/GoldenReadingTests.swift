import FoundationEssentials
import HaploSimulator
import Testing

/// What the commands that only read print, to the letter.
@Suite struct GoldenReadingTests {
  private static let note = "haplo-importd: the daemon is not running; this is what its journal says"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  /// One set archived, then one rejected.
  private func makeSets() throws -> [String] {
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    try bench.dropFolder("second", control: "[]")
    try #require(bench.run("once").status == 65)
    return try bench.ids().sorted { try name(of: $0) < name(of: $1) }
  }

  private func name(of set: String) throws -> String {
    try #require(bench.json(bench.run("show", "--json", set)).first?["name"]?.text)
  }

  @Test func `status while the daemon is down`() throws {
    _ = try makeSets()
    #expect(bench.run("pause", "hr").status == 0)
    bench.expect(
      ["status"],
      output: """
        Daemon   stopped, version 0.1.0
        Server   URL, unknown

        Attention
          CRITICAL the daemon is not running; run 'systemctl start haplo-importd'
          warning  hr: 1 rejected set; run 'haplo-importd list --source hr --state rejected'
          warning  hr: paused by USER: no sets are accepted or scheduled until resumed; run 'haplo-importd resume hr'

        Source   hr, mode dry-run, not running  DIR/spool/drop/hr
          STOPPED  paused by USER: no sets are accepted or scheduled until resumed
          sets     1 rejected
          incoming not examined while the daemon is down; run 'haplo-importd explain DIR/spool/drop/hr'
        """, errors: Self.note)
  }

  @Test func `status while the daemon runs`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let daemon = try bench.startDaemon()
    bench.expect(
      ["status"],
      output: """
        Daemon   running since TIME, process PROCESS, version 0.1.0
        Server   URL, unknown (no request since the start)

        Attention
          warning  hr: 1 set awaits approval; run 'haplo-importd list --source hr --state awaiting-approval'

        Source   hr, mode approve, watched  DIR/spool/drop/hr
          sets     1 awaiting-approval
        """)
    daemon.signal(15)
    #expect(daemon.end() == 0)
  }

  @Test func `list`() throws {
    bench.expect(["list"], output: "no sets", errors: Self.note)
    _ = try makeSets()
    let headline = "SET                           SOURCE  STATE     OUTCOME  MODE     FILES  RECORDS  NAME"
    bench.expect(
      ["list", "--state", "archived"],
      output: headline + "   NEXT  REASON\nSET  hr      archived  -        dry-run  1      0        first  -",
      errors: Self.note)
    bench.expect(
      ["list", "--state", "rejected"],
      output: headline + """
            NEXT  REASON
        SET  hr      rejected  -        dry-run  -      -        second  -     Invalid control file: control.json:1:1: \
        Not a control file: it is an array, not an object
        """, errors: Self.note)
  }

  @Test func `show of an archived set`() throws {
    let sets = try makeSets()
    bench.expect(
      ["show", sets[0]],
      output: """
        Set         SET
        Source      hr
        State       archived
        Mode        dry-run
        Dropped as  first (folder)
        Completed   TIME
        Claimed     TIME
        Scheduled   TIME
        Archived    TIME
        Server      URL
        Batch       BATCH
        Attempts    1
        Path        DIR/spool/archive/hr/DATE/SET

        Files
          control  add883e92d1b2d054f7b857cc9a2d8058bd5b2a225c39637dae5d81535e86a35  186 bytes  control.json
          data0    4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945  2 bytes  0 records  data0.json

        History
          TIME  claim started      folder 'first' from DIR/spool/drop/hr
          TIME  claimed
          TIME  files read         1 data file
          TIME  control file new   the server does not have it yet
          TIME  control uploaded   200
          TIME  batch created      BATCH at URL
          TIME  file uploaded      data0: 200, digest equal
          TIME  about to schedule  dry-run
          TIME  scheduled          200 SCHEDULED
          TIME  archived

        Next
          nothing: the server scheduled the set. Its list of batch import jobs shows the outcome
        """, errors: Self.note)
  }

  @Test func `show of a rejected set`() throws {
    let sets = try makeSets()
    bench.expect(
      ["show", sets[1]],
      output: """
        Set         SET
        Source      hr
        State       rejected
        Mode        dry-run
        Dropped as  second (folder)
        Completed   TIME
        Claimed     TIME
        Attempts    0
        Reason      Invalid control file: control.json:1:1: Not a control file: it is an array, not an object
        Remedy      correct the control file and drop the set again
        Path        DIR/spool/rejected/hr/SET

        History
          TIME  claim started       folder 'second' from DIR/spool/drop/hr
          TIME  claimed
          TIME  rejected            Invalid control file: control.json:1:1: Not a control file: it is an array, not an object
          TIME  moved to rejected/

        Next
          nothing by itself. Correct the export and drop it again, or correct the files in files/ and run \
        'haplo-importd retry SET'; 'haplo-importd discard SET' deletes the set
        """, errors: Self.note)
  }

  @Test func `explain`() throws {
    _ = try makeSets()
    bench.expect(
      ["explain", bench.drop + "/first"],
      output:
        "DIR/spool/drop/hr/first: picked up as set SET, which is archived; see 'haplo-importd show SET'",
      errors: Self.note)
    try bench.dropFolder("half", data: [:])
    bench.expect(
      ["explain", bench.drop + "/half"], 75,
      output: """
        half: data file missing: control.json names 'data0', and there is no file 'data0' or 'data0.*'
        half: a warning is logged after 1h, and the set waits without limit (IncompleteWarnSec=, IncompleteRejectSec=)
        """,
      errors: Self.note)
    try bench.dropFolder("two", data: ["data0.json": "", "data0.xml": ""])
    bench.expect(
      ["explain", bench.drop + "/two"], 65,
      output: """
        two/data0.json: error: control.json names 'data0', and 2 files could be meant: 'data0.json', 'data0.xml' \
        (leave one of them, or say which is meant (File.data0=))
        """, errors: Self.note)
    try bench.dropFolder("good")
    bench.expect(
      ["explain", bench.drop + "/good"],
      output: "DIR/spool/drop/hr/good: nothing is wrong; it is picked up as soon as the daemon runs",
      errors: Self.note)
    bench.expect(
      ["explain", bench.drop + "/none"], 66,
      errors: Self.note + "\nhaplo-importd: there is no 'DIR/spool/drop/hr/none'")
  }

  @Test func `check`() throws {
    try bench.dropFolder("wrong", data: ["data0.json": "[{]\n", "note.txt": ""])
    bench.expect(
      ["check", bench.drop + "/wrong", bench.drop + "/none"], 66,
      output: """
        DIR/spool/drop/hr/wrong/data0.json:1:3: error: expected a quoted key, found ']'
        DIR/spool/drop/hr/wrong/note.txt:1:1: warning: the control file does not name it, so it is not sent
        """, errors: "haplo-importd: there is no 'DIR/spool/drop/hr/none'")
  }

  @Test func `verify of what is as recorded, and of what is not`() throws {
    let set = try makeSets()[0]
    bench.expect(
      ["verify"],
      output: "verified 1 set, 2 files, 188 bytes and RECORDS records of the journal: all as recorded")
    let path = try #require(bench.json(bench.run("show", "--json", set)).first?["path"]?.text)
    try bench.write(path.dropFirst(bench.directory.count + 1) + "/files/data0.json", "[ ]")
    bench.expect(
      ["verify"], 65,
      output: """
        DIR/spool/archive/hr/DATE/SET/files/data0.json: error: has 3 bytes, and the receipt says 2
        verified 1 set, 2 files, 189 bytes and RECORDS records of the journal: 1 damaged
        """)
  }

  /// Without the lines of defaults, which the test of the configuration's manual has.
  @Test func `config, and what the server says`() {
    bench.expect(
      ["config", "--online"],
      output: """
        [Server]
        URL=URL                       DIR/haplo.conf:2
        APIKeyFile=DIR/key           DIR/haplo.conf:3

        [Daemon]
        SpoolDirectory=DIR/spool     DIR/haplo.conf:6
        StateDirectory=DIR/state     DIR/haplo.conf:7
        RuntimeDirectory=DIR/run     DIR/haplo.conf:8

        [Source hr]
        QuietSec=0                                       DIR/haplo.conf:10

        # The service's sandbox does not know all of these directories. Put the following into
        # /etc/systemd/system/haplo-importd.service.d/50-directories.conf and run
        # 'systemctl daemon-reload':
        [Service]
        ReadWritePaths=DIR/run
        ReadWritePaths=DIR/spool
        ReadWritePaths=DIR/state

        URL works: it accepts the API key, lets it import, and has the batch import plugin
        """, without: "  default")
  }

  @Test func `help and version`() {
    bench.expect(["version"], output: "haplo-importd 0.1.0")
    bench.expect(
      ["help", "prune"],
      output: """
        Usage: haplo-importd prune [OPTION…]

        Deletes sets and result files that exceed the retention policy.

        ArchiveKeepSec=, ArchiveMaxSize=, ArchiveFilesKeepSec= and RejectedKeepSec= of each
        source are the policy, which the daemon applies every hour. Expired rejected sets are
        discarded, by the daemon if it runs. Prints each set and result file, and a total at
        the end. --json prints the sets only.

        Options:
          --dry-run        show what would be deleted
          --json           print newline-delimited JSON
          --config FILE    read FILE and FILE.d/*.conf instead of the installed configuration
          --instance NAME  read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins
          -h, --help       print help
        """)
    bench.expect(
      ["help"],
      output: """
        Usage: haplo-importd SUBCOMMAND [OPTION…] [OPERAND…]

        Turns export sets that are dropped in directories into imports on a Haplo server.

        Subcommands:
          run        watches the drop directories and imports complete sets (run by the service)
          once       processes all complete sets once, then exits
          check      validates a control file or an export set before it is dropped
          drop       validates an export set and puts a copy into a source's drop directory
          status     shows daemon, server, each source, and everything that needs a decision
          list       lists sets, newest last
          show       shows everything about one set: files, digests, history, what happens next
          diff       compares a set's records with those of an earlier set
          wait       waits until sets are archived, rejected, held or awaiting approval
          explain    explains why a file or folder has not been picked up
          retry      requeues rejected or held sets
          approve    queues sets for import after their dry run
          reject     rejects waiting or held sets
          discard    deletes rejected sets' files and forgets the sets
          pause      stops accepting and scheduling sets of sources; survives a restart
          resume     resumes paused or halted sources
          reconcile  settles sets in doubt by the server's list of batches
          verify     verifies journal, stored sets and archive against recorded checksums
          prune      deletes sets and result files that exceed the retention policy
          config     validates the configuration and prints the effective settings
          help       prints the list of subcommands, or all about one
          version    prints the version

        Options of all subcommands:
          --config FILE    read FILE and FILE.d/*.conf instead of the installed configuration
          --instance NAME  read /etc/haplo-importd/NAME/haplo-importd.conf and its drop-ins
          -h, --help       print help

        Without --config, /etc/haplo-importd/haplo-importd.conf is read.

        Exit status: 0 done, 64 usage, 65 a set or file is wrong, 66 no such set, file or
        source, 69 server or daemon not reachable, 70 internal error, 73 cannot create state,
        74 I/O error, 75 temporary failure; will be retried, 77 permission or API key, 78
        configuration.

        See haplo-importd(8) and haplo-importd.conf(5).
        """)
  }
}
