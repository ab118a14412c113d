import HaploSimulator
import Testing

/// What each command prints on standard error when it cannot do what it is told to, to the letter.
@Suite struct GoldenRefusalTests {
  /// Wrong command lines, and what is printed before the line that names the help.
  static let usage: [([String], String)] = [
    (["run", "now"], "'run' does not take 'now'"),
    (["once", "--frob"], "unknown option '--frob'"),
    (["check"], "'check' needs PATH…"),
    (["drop", "hr"], "'drop' needs SOURCE PATH…"),
    (["status", "--check", "--json"], "--check excludes --watch and --json"),
    (["status", "--watch", "--json"], "--watch and --json exclude each other"),
    (["list", "--state", "hold"], "there is no state 'hold'; did you mean 'held'?"),
    (
      ["list", "--since", "then"],
      "--since needs a time such as 2026-11-24, TIME, yesterday or 3d, not 'then'"
    ),
    (["list", "--limit", "0"], "--limit needs a number of sets, not '0'"),
    (["show"], "'show' needs SET"),
    (["show", "--server-log", "--json", "2"], "--server-log and --json exclude each other"),
    (["diff"], "'diff' needs SET [OTHER]"),
    (["wait"], "'wait' needs SET…"),
    (["wait", "--timeout", "soon", "2"], "--timeout needs a time span such as 10min, not 'soon'"),
    (["explain", "a", "b"], "'explain' does not take 'b'"),
    (["retry"], "'retry' needs SET… or --all"),
    (["retry", "--all", "2"], "--all and SET exclude each other"),
    (["approve", "--source", "hr", "2"], "--source needs --all"),
    (["approve", "--reason", "x", "2"], "unknown option '--reason'"),
    (["reject", "2"], "'reject' needs --reason TEXT"),
    (["reject", "--reason"], "option '--reason' needs an argument"),
    (["discard", "--state", "held", "2"], "--state needs --all"),
    (["pause"], "'pause' needs SOURCE…"),
    (["resume", "--all"], "unknown option '--all'"),
    (["reconcile", "--dry-run", "--assume-new"], "--dry-run and --assume-new exclude each other"),
    (["verify", "x"], "'verify' does not take 'x'"),
    (["prune", "--dry-run=yes"], "option '--dry-run' takes no argument"),
    (["config", "--offline"], "unknown option '--offline'; did you mean '--online'?"),
    (["help", "chekc"], "unknown subcommand 'chekc'; did you mean 'check'?"),
    (["version", "--json"], "unknown option '--json'"),
  ]

  /// What is not there: the status, and all that is printed.
  static let missing: [([String], Int32, String)] = [
    (
      ["list", "--source", "nobody"], 66,
      "\(note)\nhaplo-importd: there is no source 'nobody' in the configuration; it has: hr"
    ),
    (["show", "2"], 66, "\(note)\nhaplo-importd: there is no set '2'"),
    (["diff", "2"], 66, "\(note)\nhaplo-importd: there is no set '2'"),
    (["wait", "2"], 66, "haplo-importd: there is no set '2'"),
    (
      ["explain", "/etc/passwd"], 66,
      "\(note)\nhaplo-importd: '/etc/passwd' is in no drop directory; those are: DIR/spool/drop/hr"
    ),
    (["check", "/none"], 66, "haplo-importd: there is no '/none'"),
    (
      ["check", "--source", "nobody", "/none"], 66,
      "haplo-importd: there is no source 'nobody' in the configuration; it has: hr"
    ),
    (
      ["drop", "nobody", "/none"], 66,
      "haplo-importd: there is no source 'nobody' in the configuration; it has: hr"
    ),
    (["drop", "hr", "/none"], 66, "haplo-importd: there is no '/none'"),
    (
      ["retry", "2"], 66,
      "\(noChange)\nhaplo-importd: 2: there is no set of this id; a decision needs at least the date of the id (8 digits)"
    ),
    (["approve", "20261124"], 66, "\(noChange)\nhaplo-importd: 20261124: there is no set of this id"),
    (
      ["reject", "--reason", "x", "20261124"], 66,
      "\(noChange)\nhaplo-importd: 20261124: there is no set of this id"
    ),
    (["discard", "20261124"], 66, "\(noChange)\nhaplo-importd: 20261124: there is no set of this id"),
    (["pause", "nobody"], 66, "\(noChange)\nhaplo-importd: nobody: there is no source of this name"),
    (["resume", "nobody"], 66, "\(noChange)\nhaplo-importd: nobody: there is no source of this name"),
    (
      ["reconcile"], 78,
      "haplo-importd: 'reconcile' needs OutcomeKeyFile= in [Server], by which the server's list is read, or --assume-new; "
        + "see 'haplo-importd help reconcile'"
    ),
  ]

  /// Those that need a configuration without errors.
  static let configured: [[String]] = [
    ["run"], ["once"], ["check", "--source", "hr", "/none"], ["drop", "hr", "/none"], ["status"], ["list"],
    ["show", "2"], ["diff", "2"], ["wait", "2"], ["explain", "/none"], ["retry", "2"], ["approve", "2"],
    ["reject", "--reason", "x", "2"], ["discard", "2"], ["pause", "hr"], ["resume", "hr"],
    ["reconcile", "--assume-new"], ["verify"], ["prune"], ["prune", "--dry-run"], ["config"],
  ]

  private static let note = "haplo-importd: the daemon is not running; this is what its journal says"
  private static let noChange = "haplo-importd: the daemon is not running, and nothing was changed"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test(arguments: usage)
  func `a wrong command line is named, with the help to read`(words: [String], message: String) {
    let help = words[0] == "help" ? "help" : "help \(words[0])"
    bench.expect(words, 64, errors: "haplo-importd: \(message)\nTry 'haplo-importd \(help)'.")
  }

  @Test(arguments: missing)
  func `what is not there is named`(words: [String], status: Int32, text: String) {
    bench.expect(words, status, errors: text)
  }

  @Test(arguments: configured)
  func `while no daemon runs, a configuration with errors is the answer`(words: [String]) throws {
    try bench.configure(source: "Modus=import\nQuietSec=5 parsecs")
    bench.expect(
      words, 78,
      errors: """
        DIR/haplo.conf:10: error: unknown key 'Modus' in [Source hr]; did you mean 'Mode='?
        DIR/haplo.conf:11: error: QuietSec=5 parsecs must be a time span, such as '30s', '5min' or '1h 30s'
        """)
  }

  @Test func `check works with a configuration that is invalid, and says what is wrong with it`() throws {
    try bench.configure(source: "Modus=import")
    try bench.dropFolder("good")
    bench.expect(
      ["check", bench.drop + "/good"],
      output: "DIR/spool/drop/hr/good/control.json:2:30: warning: no record has the field 'id'",
      errors: """
        haplo-importd: note: the configuration is invalid; 'check' uses the default settings of a source
        DIR/haplo.conf:10: error: unknown key 'Modus' in [Source hr]; did you mean 'Mode='?
        """)
  }

  @Test func `a subcommand that does not exist, and two configurations, are named`() {
    bench.expect(
      ["chekc"], 64,
      errors: "haplo-importd: unknown subcommand 'chekc'; did you mean 'check'?\nTry 'haplo-importd help'.")
    bench.expect(
      ["--instance", "med", "status"], 64,
      errors: "haplo-importd: --config and --instance exclude each other\nTry 'haplo-importd help'.")
  }

  @Test func `config and once name a server that refuses the key or does not answer, and a key that is none`()
    throws
  {
    bench.simulator.revokeKey()
    bench.expect(
      ["config", "--online", "--quiet"], 77,
      errors:
        "haplo-importd: URL: the server refuses the API key: Request denied for security reasons (HTTP 403); write a "
        + "valid key to the API key's file (APIKeyFile=), then restart the daemon"
    )
    try bench.configure(url: "http://127.0.0.1:1")
    bench.expect(
      ["config", "--online", "--quiet"], 69,
      errors:
        "haplo-importd: http://127.0.0.1:1 does not answer: 127.0.0.1:1: connection refused; check URL= and Proxy= in "
        + "[Server], the network between, and that the server runs")
    try bench.write("key", "short\n", mode: 0o600)
    for words in [["config", "--quiet"], ["once"], ["run"]] {
      bench.expect(
        words, 77,
        errors:
          "haplo-importd: the API key in 'DIR/key' has 5 characters, but no key is shorter than 16; was it cut?"
      )
    }
  }
}
