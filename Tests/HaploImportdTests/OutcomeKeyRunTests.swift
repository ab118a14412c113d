import HaploSimulator
import Testing

/// The program with an outcome key that is of no use: imports go on, and whoever waits for an outcome is told.
@Suite struct OutcomeKeyRunTests {
  private let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    try bench.write("outcome-key", "b3V0Y29tZS1rZXktb3V0Y29tZS1rZXktb3V0Y29tZS0\n", mode: 0o644)
    try bench.configure(server: "OutcomeKeyFile=\(bench.directory)/outcome-key")
  }

  @Test func `a key that others can read stops the outcomes, and no delivery`() throws {
    #expect(bench.run("config").status == 77)
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    #expect(once.errors.contains("outcomes are not read until a reload") && once.errors.contains("chmod 600"))
    #expect(bench.simulator.record.jobs.count == 1)
    let status = try bench.json(bench.run("status", "--json"))
    #expect(status.first?["outcomes"]?["state"] == .string("stopped"))
  }

  @Test func `wait and show say that nobody reads the outcome`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    let wait = bench.run("wait", set, "--timeout", "1min")
    #expect(wait.status == 75, "\(wait.errors)")
    #expect(
      wait.output.hasPrefix("\(set): archived, pending: outcomes are not read at present: "), "\(wait.output)"
    )
    let show = bench.run("show", set).output
    #expect(show.contains("nothing until outcomes are read again"), "\(show)")
  }
}
