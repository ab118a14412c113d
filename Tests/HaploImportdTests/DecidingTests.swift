import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// What the program does with sets that somebody has to decide about, or hear of, from the command line.
@Suite struct DecidingTests {
  private func json(_ bench: ProgramBench, _ arguments: String...) throws -> [JSON] {
    try bench.json(BuiltProgram.run(["--config", bench.configuration] + arguments))
  }

  @Test func `OnDuplicate=skip shows in list, show and retry`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nMode=import\nOnDuplicate=skip")
    try bench.dropFolder("monday")
    #expect(bench.run("once").status == 0)
    try bench.dropFolder("tuesday")
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    let sets = try json(bench, "list", "--json")
    let first = try #require(sets.first { $0["state"] == .string("archived") }?["set"]?.text)
    let skipped = try #require(sets.first { $0["state"] == .string("skipped") })
    let id = try #require(skipped["set"]?.text)
    let line = try #require(once.errors.split(separator: "\n").first { $0.contains("state=skipped") })
    #expect(line.hasPrefix("<5>set=\(id) source=hr state=skipped same-as=\(first) mode=import reason="))
    #expect(skipped["sameAs"] == .string(first) && skipped["batch"] == .null)
    #expect(
      skipped["reason"]?.text
        == "it has the same bytes as set \(first), which was scheduled (OnDuplicate=skip)")
    #expect(bench.run("list", "--state", "skipped").output.contains("  skipped  import  1      tuesday"))
    let show = bench.run("show", id).output
    #expect(show.contains("State       skipped\n") && show.contains("Same as     \(first)\n"), "\(show)")
    #expect(show.contains("retry --import-again"))
    let retry = bench.run("retry", id)
    #expect(retry.status == 65 && retry.errors.contains("it was skipped, because set \(first)"))
    #expect(bench.run("verify").status == 0)
    #expect(bench.simulator.record.jobs.count == 1)
  }

  @Test func `OnDuplicate=hold waits for a person, and retry imports it while the daemon runs`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nOnDuplicate=hold")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("monday")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    try bench.dropFolder("tuesday")
    let line = try #require(daemon.line(with: "state=held"), "\(daemon.transcript)")
    #expect(line.hasPrefix("<3>") && line.contains("(OnDuplicate=hold)") && line.contains("retry"))
    let set = try #require(try json(bench, "list", "--state", "held", "--json").first?["set"]?.text)
    #expect(daemon.line(with: "state=held", within: .zero) == nil)
    #expect(bench.run("status").output.contains("1 held"))
    let retry = bench.run("retry", set)
    #expect(retry.status == 0, "\(retry.errors)")
    #expect(daemon.line(with: "state=archived", set) != nil, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(bench.simulator.record.jobs.count == 2)
  }

  @Test func `ShrinkLimit= holds, says why, and does not change what once ends with`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nShrinkLimit=30%")
    try bench.dropFolder("monday", data: ["data0.json": "[" + String(repeating: " ", count: 98) + "]"])
    #expect(bench.run("once").status == 0)
    try bench.dropFolder("tuesday", data: ["data0.json": "[]"])
    let once = bench.run("once")
    #expect(once.status == 0 && once.errors.contains("state=held"), "\(once.errors)")
    let held = try #require(try json(bench, "list", "--state", "held", "--json").first)
    #expect(
      held["reason"]?.text?.hasPrefix("file 'data0' has 2 bytes, 98% less than the 100 bytes it had\n")
        == true)
    let set = try #require(held["set"]?.text)
    let show = bench.run("show", set).output
    #expect(
      show.contains("if the export is right, 'haplo-importd retry \(set)' sends it as it is"), "\(show)")
    #expect(bench.run("retry", set).status == 0)
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 2)
  }
}
