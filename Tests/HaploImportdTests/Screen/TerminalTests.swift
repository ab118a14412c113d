import Glibc
import Testing

/// What `status`, `list` and `show` look like to a person at a terminal.
@Suite struct TerminalTests {
  private static let colour = "\u{1B}[3"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func terminal(_ arguments: String..., environment: [String] = ["TERM=xterm", "LANG=C.UTF-8"])
    -> PseudoTerminal
  {
    PseudoTerminal(["--config", bench.configuration] + arguments, environment: environment)
  }

  private func shown(_ arguments: String..., environment: [String]) -> String {
    let terminal = PseudoTerminal(["--config", bench.configuration] + arguments, environment: environment)
    #expect(terminal.end() == 0, "\(terminal.shown)")
    return terminal.shown
  }

  @Test func `colour is for terminals that have it and people who want it`() throws {
    try bench.dropFolder("second", control: #"{"model": "std:person"}"#)
    #expect(bench.run("once").status == 65)
    let set = try #require(try bench.json(bench.run("list", "--json")).first?["set"]?.text)
    for command in [["status"], ["list"], ["show", set]] {
      func shown(_ environment: [String]) -> String {
        let terminal = PseudoTerminal(["--config", bench.configuration] + command, environment: environment)
        #expect(terminal.end() == 0, "\(terminal.shown)")
        return terminal.shown
      }
      #expect(shown(["TERM=xterm"]).contains(Self.colour))
      #expect(shown(["TERM=xterm", "NO_COLOR="]).contains(Self.colour))
      for environment in [["TERM=xterm", "NO_COLOR=1"], ["TERM=dumb"], []] {
        #expect(!shown(environment).contains("\u{1B}"))
      }
      let plain = BuiltProgram.run(["--config", bench.configuration] + command, environment: ["TERM=xterm"])
      #expect(!plain.output.contains("\u{1B}"))
    }
    #expect(!shown("list", "--json", environment: ["TERM=xterm"]).contains("\u{1B}"))
  }

  @Test func `times are local and relative on a terminal, and absolute elsewhere`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let set = try #require(try bench.json(bench.run("list", "--json")).first?["set"]?.text)
    let page = shown("show", set, environment: ["TERM=dumb", "TZ=XXX-5:30"])
    #expect(
      page.firstMatch(of: #/Archived +[-0-9]+ [:0-9]+\+05:30 \((now|[0-9]+ s ago)\)/#) != nil, "\(page)")
    #expect(bench.run("show", set).output.firstMatch(of: #/Archived +[-0-9]+T[:0-9]+Z\n/#) != nil)
  }

  @Test func `--watch follows the daemon, and puts the terminal back`() throws {
    let daemon = try bench.startDaemon()
    let terminal = terminal("status", "--watch")
    #expect(terminal.shows("\u{1B}[?1049h"))
    #expect(terminal.shows("running") && terminal.shows("q ends"))
    #expect(!terminal.isCooked)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(terminal.shows("the daemon is not running; this is what its journal says"))
    let next = try bench.startDaemon()
    #expect(terminal.shows("running") && terminal.shows("process \(next.process)"))
    terminal.type("q")
    #expect(terminal.end() == 0)
    #expect(terminal.shown.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
    #expect(terminal.isCooked)
    next.signal(SIGTERM)
    #expect(next.end() == 0)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func `--watch ends cleanly by a signal`(signal: Int32) {
    let terminal = terminal("status", "--watch")
    #expect(terminal.shows("q ends"))
    if signal == SIGINT { terminal.type("\u{3}") } else { kill(terminal.process, signal) }
    #expect(terminal.end() == 0)
    #expect(terminal.shown.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
    #expect(terminal.isCooked)
  }

  @Test func `--watch needs a terminal that can be drawn on`() {
    let plain = bench.run("status", "--watch")
    #expect(plain.status == 64 && plain.errors.contains("--watch needs a terminal"))
    let dumb = terminal("status", "--watch", environment: ["TERM=dumb"])
    #expect(dumb.end() == 64 && dumb.shown.contains("--watch needs a terminal"))
    let json = terminal("status", "--watch", "--json")
    #expect(json.end() == 64 && json.shown.contains("--watch and --json exclude each other"))
  }

  @Test func `a configuration with an error is told before the terminal is taken over`() throws {
    try bench.configure(source: "QuietSec=soon")
    let terminal = terminal("status", "--watch")
    #expect(terminal.end() == 78)
    #expect(!terminal.shown.contains("\u{1B}[?1049h"))
  }

  @Test func `a running upload is shown with its bar, and told to programs`() throws {
    try bench.configure(source: "QuietSec=0", server: "BandwidthLimit=200K")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("large", data: ["data0.json": "[" + String(repeating: " ", count: 2_000_000) + "]"])
    try #require(daemon.line(with: "state=uploading") != nil, "\(daemon.transcript)")
    let watch = terminal("status", "--watch")
    #expect(watch.shows("█") && watch.shows("of 1.91M") && watch.shows("K/s") && watch.shows(" left"))
    watch.type("q")
    #expect(watch.end() == 0)
    let status = try #require(try bench.json(bench.run("status", "--json")).first)
    let upload = try #require(status["uploads"]?[0], "\(status)")
    #expect(upload["file"] == .string("data0.json") && upload["source"] == .string("hr"))
    guard case .number(let sent)? = upload["sent"], case .number(let all)? = status["daemon"]?["bytesSent"]
    else {
      Issue.record("no numbers in \(status)")
      return
    }
    #expect(sent > 0 && sent < 2_000_002 && all >= sent)
    #expect(upload["size"] == .number(2_000_002) && upload["setSize"] == .number(2_000_002))
    #expect(upload["setSent"] == .number(sent) && upload["files"] == .number(1))
    #expect(bench.run("status").output.contains(" of 2000002 bytes ("))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}
