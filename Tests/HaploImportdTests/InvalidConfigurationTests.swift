import Glibc
import HaploSimulator
import Testing

/// A configuration on disk that became invalid while the daemon runs.
@Suite struct InvalidConfigurationTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test func `everything that asks the daemon works, and status shows the mistake`() throws {
    try bench.dropFolder("bad", control: "{}")
    #expect(bench.run("once").status == 65)
    let set = try bench.ids()[0]
    let daemon = try bench.startDaemon()
    try bench.configure(source: "Modus=import")
    for command in [
      ["list"], ["list", "--json"], ["show", set], ["pause", "hr"], ["resume", "hr"], ["retry", set],
    ] {
      let run = BuiltProgram.run(["--config", bench.configuration] + command)
      #expect(run.status == 0 && run.errors.isEmpty, "\(command): \(run.errors)")
    }
    #expect(bench.run("explain", bench.drop + "/none").status == 66)
    let status = bench.run("status")
    #expect(status.status == 0)
    #expect(
      status.output.contains(
        "  warning  the configuration on disk is invalid, so the daemon keeps the one it has: "
          + "\(bench.configuration):10: error: "), "\(status.output)")
    let attention = try #require(bench.json(bench.run("status", "--json")).first?["attention"]?[0])
    #expect(attention["command"] == .string("haplo-importd config"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    for command in ["status", "list", "show \(set)", "pause hr", "verify", "prune", "once"] {
      let run = BuiltProgram.run(
        ["--config", bench.configuration] + command.split(separator: " ").map(String.init))
      #expect(run.status == 78, "\(command): without a daemon the configuration is needed")
    }
  }

  @Test func `diff of the running daemon's sets says what is wrong, and compares without RecordKey=`() throws
  {
    try bench.dropFolder("first", data: ["data0.json": #"[{"id": 1}]"#])
    #expect(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    let daemon = try bench.startDaemon()
    try bench.configure(source: "Modus=import")
    let run = bench.run("diff", set, set)
    #expect(run.status == 0 && run.output.contains("no difference"), "\(run)")
    #expect(
      run.errors.hasPrefix(
        "haplo-importd: note: the configuration is invalid; records are compared without RecordKey.KEY=\n"
          + "\(bench.configuration):10: error: "), "\(run.errors)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `config --quiet prints errors only`() throws {
    let good = bench.run("config", "--quiet")
    #expect(good.status == 0 && good.output.isEmpty && good.errors.isEmpty)
    try bench.configure(source: "Modus=import")
    let bad = bench.run("config", "--quiet")
    #expect(bad.status == 78 && bad.output.isEmpty && bad.errors.contains(":10: error: "))
  }

  @Test func `an invalid configuration without a runtime directory of its own leads to no daemon`() throws {
    try bench.write("other.conf", "[Server]\nURL=nonsense\n")
    let run = BuiltProgram.run(["--config", bench.directory + "/other.conf", "status"])
    #expect(run.status == 78, "\(run.output)\(run.errors)")
  }
}
