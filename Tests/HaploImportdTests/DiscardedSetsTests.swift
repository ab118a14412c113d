import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Sets that somebody gives up, and sets whose folder somebody removed by hand.
@Suite struct DiscardedSetsTests {
  private let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    for name in ["a", "b", "c"] { try bench.dropFolder(name, control: "{}") }
    try #require(bench.run("once").status == 65)
  }

  private func path(_ set: String) throws -> String {
    try #require(bench.json(bench.run("show", "--json", set)).first?["path"]?.text)
  }

  @Test(arguments: [false, true])
  func `a set whose folder is gone is shown as such everywhere, and discard forgets it`(isRunning: Bool)
    throws
  {
    let set = try bench.ids()[0]
    let daemon = isRunning ? try bench.startDaemon() : nil
    try FileManager.default.removeItem(atPath: try path(set))
    let verify = bench.run("verify")
    #expect(verify.status == 65 && verify.output.contains("/\(set): error: the set's folder is gone"))
    let retry = bench.run("retry", set)
    #expect(retry.status == 66 && retry.errors.contains("'haplo-importd discard \(set)'"), "\(retry.errors)")
    #expect(
      bench.run("status").output.contains(
        "  warning  hr: the folder of set \(set) is gone; run 'haplo-importd discard \(set)'"))
    #expect(bench.run("show", set).output.contains("nothing: the set's folder is gone."))
    #expect(
      bench.run("discard", set).output
        == "\(set): discarded; its files are \(isRunning ? "being deleted" : "deleted")\n")
    if let daemon {
      daemon.signal(SIGTERM)
      #expect(daemon.end() == 0)
    }
    #expect(bench.run("once").status == 0)
    #expect(try !bench.ids().contains(set) && bench.ids().count == 2)
    #expect(bench.run("verify").status == 0)
  }

  @Test func `--all decides about all sets that the command is for`() throws {
    #expect(bench.run("retry", "--all", "--source", "nobody").status == 66)
    #expect(bench.run("retry", "--all", "--state", "held").output.isEmpty)
    #expect(bench.run("discard", "--all", "x").status == 64)
    #expect(bench.run("discard", "--source", "hr").status == 64)
    let discarded = bench.run("discard", "--all", "--source", "hr", "--state", "rejected")
    #expect(
      discarded.status == 0 && discarded.output.split(separator: "\n").count == 3, "\(discarded.errors)")
    #expect(bench.run("once").status == 0)
    #expect(try bench.ids().isEmpty)
  }

  @Test(arguments: ["retry", "approve", "discard", "reject"])
  func `an empty id is a mistake, and a prefix for a decision has a date`(command: String) throws {
    let reason = command == "reject" ? ["--reason", "x"] : []
    func run(_ id: String) -> BuiltProgram.Run {
      BuiltProgram.run(["--config", bench.configuration, command, id] + reason)
    }
    #expect(run("").status == 64)
    for prefix in ["2", "2026", String(try bench.ids()[0].prefix(7))] {
      let short = run(prefix)
      #expect(short.status == 66 && short.errors.contains("at least the date of the id"), "\(short.errors)")
    }
  }

  @Test func `a rejected set that is rejected again is said to be rejected`() throws {
    let set = try bench.ids()[0]
    let daemon = try bench.startDaemon()
    let again = bench.run("reject", set, "--reason", "x")
    #expect(
      again.status == 65
        && again.errors
          == "haplo-importd: \(set): the set is rejected already; to delete it, run 'haplo-importd discard \(set)'\n"
    )
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `commands print no priorities, whether their output is a terminal or a pipe`() throws {
    for command in [["pause", "hr"], ["resume", "hr"], ["retry", try bench.ids()[0]]] {
      let run = BuiltProgram.run(["--config", bench.configuration] + command)
      #expect(run.status == 0 && !run.errors.contains("<"), "\(run.errors)")
    }
  }
}
