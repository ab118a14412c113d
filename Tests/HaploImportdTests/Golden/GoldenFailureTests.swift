import Glibc
import HaploSimulator
import Testing

/// What commands print when state, journal or output fail them, to the letter.
@Suite struct GoldenFailureTests {
  private static let changing = [
    ["retry", "20261124"], ["approve", "20261124"], ["reject", "--reason", "x", "20261124"],
    ["discard", "20261124"], ["pause", "hr"], ["resume", "hr"], ["reconcile", "--assume-new"],
  ]
  private static let reading = [
    ["status"], ["list"], ["show", "2"], ["diff", "2"], ["wait", "2"],
  ]

  @Test func `a damaged journal is named, with the line and what to do`() throws {
    let (bench, _) = try Situation.journalDamaged.prepare()
    for words in [["run"], ["once"]] + Self.changing + Self.reading {
      bench.expect(
        words, 74,
        errors: """
          haplo-importd: journal DIR/state/journal.jsonl, line 2: damaged, though it had been stored safely; later lines are \
          whole. Restore the journal from a backup, or move it away: the daemon then holds the sets in work/ for a decision
          """)
    }
    bench.expect(
      ["verify"], 65,
      output: """
        DIR/state/journal.jsonl: error: line 2: damaged, though it had been stored safely; later lines are whole
        verified 0 sets, 0 files, 0 bytes and RECORDS records of the journal: 1 damaged
        """)
  }

  @Test func `a second process names the first one`() throws {
    let (bench, daemon) = try Situation.stateInUse.prepare()
    let process = try #require(daemon?.process)
    for words in [["run"], ["once"]] + Self.changing {
      let run = BuiltProgram.run(["--config", bench.configuration] + words)
      let beginning = "haplo-importd: '\(bench.directory)/state' is in use by process \(process) on "
      #expect(run.status == 75 && run.output.isEmpty)
      #expect(
        run.errors.hasPrefix(beginning)
          && run.errors.hasSuffix("; only one haplo-importd may work on it at a time\n"), "\(run.errors)")
    }
    daemon?.signal(SIGTERM)
    #expect(daemon?.end() == 0)
  }

  @Test func `a state directory that cannot be made is named`() throws {
    let (bench, _) = try Situation.stateNotMade.prepare()
    let text = "haplo-importd: cannot open 'DIR/state': Not a directory"
    for words in [["run"], ["once"]] + Self.changing { bench.expect(words, 73, errors: text) }
    for words in Self.reading + [["verify"]] { bench.expect(words, 74, errors: text) }
  }

  @Test func `an output that is full is named`() throws {
    let (bench, _) = try Situation.outputFull.prepare()
    for words in [
      ["config"], ["help"], ["version"], ["verify"], ["prune", "--dry-run"], ["check", bench.drop + "/two"],
    ] {
      let run = BuiltProgram.run(["--config", bench.configuration] + words, output: "/dev/full")
      #expect(run.status == 74)
      #expect(
        run.errors == "haplo-importd: cannot write to standard output: No space left on device\n",
        "\(run.errors)")
    }
  }
}
