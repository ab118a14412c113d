import Glibc
import HaploSimulator
import Testing

/// `config --online` against a server of every kind.
@Suite struct OnlineTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func expectOneLine(_ run: BuiltProgram.Run, _ status: Int32, _ words: String...) throws {
    #expect(run.status == status, "\(run.errors)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(run.errors)")
    for word in words { #expect(run.errors.contains(word), "\(run.errors)") }
    #expect(run.output.contains("[Source hr]"))
    #expect(!(run.output + run.errors).contains(ProgramBench.key))
  }

  @Test func `a server that works is told so in one line, and has nothing more than before`() throws {
    let run = bench.run("config", "--online")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty)
    let line =
      "\(bench.simulator.url) works: it accepts the API key, lets it import, and has the batch import plugin"
    #expect(run.output.hasSuffix("\n\n\(line)\n"))
    #expect(bench.simulator.record.requestCount == 1)
    #expect(bench.simulator.record.batches.isEmpty && bench.simulator.record.controls.isEmpty)
  }

  @Test func `without --online nothing is asked`() {
    #expect(bench.run("config").status == 0)
    #expect(bench.simulator.record.requestCount == 0)
  }

  @Test func `a refused key ends 77`() throws {
    bench.simulator.revokeKey()
    try expectOneLine(
      bench.run("config", "--online"), 77,
      ": the server refuses the API key: Request denied for security reasons (HTTP 403)",
      "APIKeyFile=")
  }

  @Test func `a missing permission ends 77`() throws {
    bench.simulator.add(Fault(.notPermitted, at: nil))
    try expectOneLine(
      bench.run("config", "--online"), 77, ": the server does not let this API key import: ",
      "You are not permitted to perform this action.", "permission")
  }

  @Test func `an address without the plugin ends 78`() throws {
    try bench.simulator.add("any:404")
    try expectOneLine(
      bench.run("config", "--online"), 78, ": not an answer of the Haplo server: status 404",
      "host name in URL=", "plugin")
  }

  @Test func `a redirection ends 78`() throws {
    bench.simulator.add(Fault(.redirect(to: "https://elsewhere.invalid/"), at: nil))
    try expectOneLine(bench.run("config", "--online"), 78, "status 302", "URL=")
  }

  @Test func `a server that is down ends 69`() throws {
    try bench.configure(url: "http://127.0.0.1:1")
    try expectOneLine(
      bench.run("config", "--online"), 69, "does not answer", "connection refused", "check URL=")
  }

  @Test func `a name that nobody knows ends 69`() throws {
    try bench.configure(url: "https://no-such-host.invalid")
    let run = bench.run("config", "--online")
    try expectOneLine(run, 69, "no-such-host.invalid", "name not known: check URL=")
    #expect(run.errors.matches(of: /check URL=/).count == 1, "one remedy is enough: \(run.errors)")
  }

  @Test func `a failure of the server ends 69`() throws {
    try bench.simulator.add("any:503:retry-after=5")
    try expectOneLine(bench.run("config", "--online"), 69, "answers with a failure", "(HTTP 503)", "later")
  }

  @Test func `what speaks no TLS is named as such`() throws {
    try bench.configure(url: "https://127.0.0.1:\(bench.simulator.port)")
    try expectOneLine(bench.run("config", "--online"), 69, "does not answer", "TLS failed")
  }

  @Test func `a CA file that is missing ends 78, and is named`() throws {
    try bench.configure(server: "CAFile=\(bench.directory)/missing.pem")
    let run = bench.run("config", "--online")
    #expect(run.status == 78)
    #expect(
      run.errors.contains("haplo.conf:4: error: CAFile=: cannot open '\(bench.directory)/missing.pem'"),
      "\(run.errors)")
  }

  @Test func `a key's file that others can read ends 77, and the server is not asked`() throws {
    chmod(bench.directory + "/key", 0o644)
    let run = bench.run("config", "--online")
    #expect(run.status == 77)
    #expect(bench.simulator.record.requestCount == 0)
  }

  @Test func `the service's credential can be used by hand`() throws {
    try bench.write("api-key", ProgramBench.key, mode: 0o600)
    try bench.write("haplo.conf", "[Server]\nURL=\(bench.simulator.url)\n[Source hr]\n")
    let without = bench.run("config", "--online", environment: ["CREDENTIALS_DIRECTORY=/nonexistent"])
    #expect(without.status == 77)
    #expect(without.errors.contains("cannot open '/nonexistent/api-key'"), "\(without.errors)")
    let with = bench.run("config", "--online", environment: ["CREDENTIALS_DIRECTORY=\(bench.directory)"])
    #expect(with.status == 0, "\(with.errors)")
  }

  @Test(arguments: [true, false])
  func `with --json the last line is an object with every member`(works: Bool) throws {
    if !works { bench.simulator.revokeKey() }
    let run = bench.run("config", "--online", "--json")
    #expect(run.status == (works ? 0 : 77))
    let check = try #require(try bench.json(run).last)
    #expect(check.names == ["server", "outcome", "reason", "remedy", "http", "certificateExpires"])
    #expect(check["server"]?.text == bench.simulator.url)
    #expect(check["outcome"] == .string(works ? "works" : "key-refused"))
    #expect(check["http"] == (works ? .null : .number(403)))
    #expect((check["reason"] == .null) == works)
  }
}
