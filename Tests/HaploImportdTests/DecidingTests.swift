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
    #expect(line.hasPrefix("set=\(id) source=hr state=skipped same-as=\(first) mode=import reason="))
    #expect(skipped["sameAs"] == .string(first) && skipped["batch"] == .null)
    #expect(
      skipped["reason"]?.text
        == "it has the same bytes as set \(first), which was scheduled (OnDuplicate=skip)")
    #expect(
      bench.run("list", "--state", "skipped").output.contains(
        "  skipped  -        import  1      0        tuesday"))
    let show = bench.run("show", id).output
    #expect(show.contains("State       skipped\n") && show.contains("Same as     \(first)\n"), "\(show)")
    #expect(show.contains("retry --import-again"))
    let retry = bench.run("retry", id)
    #expect(retry.status == 65 && retry.errors.contains("the set was skipped: set \(first)"))
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
    for options in [
      ["--limit", "1"], ["--state", "held", "--limit", "1"], ["--all", "--limit", "1"], ["--source", "hr"],
      ["--since", "1h", "--limit", "3"], ["--name", "tues*", "--limit", "2"], ["--until", "2100-01-01"],
    ] {
      let ids = try bench.json(
        BuiltProgram.run(["--config", bench.configuration, "list", "--json"] + options)
      ).compactMap { $0["set"]?.text }
      // Of sets of the same second the newest is either.
      #expect(ids.contains(set) || options.contains("--limit") && ids.count == 1, "\(options): \(ids)")
    }
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
      show.contains("if the export is right, run 'haplo-importd retry \(set)'"), "\(show)")
    // The reason has two lines; the history has it in one.
    #expect(!show.contains(#"\x0A"#) && show.contains("; compared with set "), "\(show)")
    #expect(bench.run("retry", set).status == 0)
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 2)
  }

  @Test func `ExpectEverySec= is told by log and status, until a set comes`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nExpectEverySec=1s")
    let daemon = try bench.startDaemon()
    let line = try #require(
      daemon.line(with: "no set received within ExpectEverySec=", "source=hr"), "\(daemon.transcript)")
    #expect(
      line.hasPrefix("<4>no set received within ExpectEverySec= source=hr since=")
        && line.contains(" expected-every=1s missed=1 "))
    let status = bench.run("status").output
    #expect(
      status.contains("  OVERDUE  no set received since ") && status.contains("one is expected every 1s"))
    #expect(status.contains("  warning  hr: no set received since "), "\(status)")
    let source = try #require(try json(bench, "status", "--json").first?["sources"]?[0])
    #expect(source["arrived"] == .null && source["overdue"]?.text?.contains("missed") == true)
    try bench.dropFolder("monday")
    let again = try #require(daemon.line(with: "a set was received again"), "\(daemon.transcript)")
    #expect(again.hasPrefix("<5>") && again.contains("source=hr after="))
    #expect(try json(bench, "status", "--json").first?["sources"]?[0]?["arrived"]?.text != nil)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `ApprovalWarnSec= reminds, and imports nothing`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nMode=approve\nApprovalWarnSec=1s")
    let daemon = try bench.startDaemon()
    try bench.dropFolder("monday")
    for _ in 1...2 {
      let line = try #require(
        daemon.line(with: "state=awaiting-approval", "waiting="), "\(daemon.transcript)")
      #expect(
        line.hasPrefix("<4>set=") && line.contains("neither approved nor rejected")
          && line.contains("approve"))
    }
    #expect(bench.run("status").output.contains("1 set awaits approval"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(bench.simulator.record.jobs.map(\.isDryRun) == [true])
  }

  @Test func `ResultFiles= leaves a file for each set, and nothing else`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nResultFiles=yes")
    try bench.dropFolder("good")
    try bench.dropFolder("bad", control: "{}")
    #expect(bench.run("once").status == 65)
    let left = try FileManager.default.subpathsOfDirectory(atPath: bench.drop).sorted()
    #expect(left == [".results", ".results/bad.rejected.txt", ".results/good.accepted"])
  }

  @Test func `an incomplete set is told by log, status and explain, and rejected in its time`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nIncompleteWarnSec=1s\nIncompleteRejectSec=3s")
    try bench.dropFolder("half", data: [:])
    let daemon = try bench.startDaemon()
    let line = try #require(daemon.line(with: "incomplete for too long", "source=hr"), "\(daemon.transcript)")
    #expect(line.hasPrefix("<4>") && line.contains("path=half") && line.contains("data0"), "\(line)")
    let rejected = try #require(daemon.line(with: "state=rejected"), "\(daemon.transcript)")
    #expect(rejected.hasPrefix("<3>") && rejected.contains("incomplete for too long"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    let set = try #require(try json(bench, "list", "--state", "rejected", "--json").first)
    #expect(set["name"] == .string("half") && set["reason"]?.text?.contains("data0") == true)
  }

  @Test func `while an incomplete set waits, status and explain say what is missing and since when`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nIncompleteWarnSec=1s")
    try bench.dropFolder("half", data: [:])
    let daemon = try bench.startDaemon()
    #expect(daemon.line(with: "incomplete for too long") != nil)
    let status = bench.run("status").output
    #expect(
      status.contains("  incoming half: data file missing: control.json names 'data0', and there is no file"),
      "\(status)")
    #expect(status.contains("  sets     queue empty, 1 incoming\n"), "\(status)")
    #expect(
      status.contains("  warning  hr: 'half' has been incomplete for longer than IncompleteWarnSec="),
      "\(status)")
    let incoming = try json(bench, "status", "--json").first?["sources"]?[0]?["incoming"]?[0]
    #expect(incoming?["isOverdue"] == .bool(true))
    let explain = bench.run("explain", bench.drop + "/half")
    #expect(explain.status == 75 && explain.output.contains("data0"), "\(explain.output)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}
