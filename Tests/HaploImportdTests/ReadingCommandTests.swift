import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `status`, `list` and `show`, once while the daemon is down and once while it runs.
@Suite struct ReadingCommandTests {
  static let note = "haplo-importd: the daemon is not running; this is what its journal says\n"
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  /// One set archived, one rejected and, if wanted, one deferred. Returns the ids as `list` has them.
  private func makeSets() throws -> [String] {
    try bench.dropFolder("first")
    try bench.dropFolder("second", control: #"{"model": "std:person"}"#)
    let once = bench.run("once")
    #expect(once.status == 65, "\(once.errors)")
    return try ids()
  }

  private func ids() throws -> [String] {
    try bench.json(bench.run("list", "--json")).map { try #require($0["set"]?.text) }
  }

  @Test func `with nothing there yet, everything says so and ends 0`() throws {
    let list = bench.run("list")
    #expect(list.status == 0 && list.output == "no sets\n" && list.errors == Self.note)
    #expect(bench.run("list", "--json").output.isEmpty)
    let status = bench.run("status")
    #expect(status.status == 0 && status.errors == Self.note)
    #expect(
      status.output == """
        Daemon   stopped, version 0.1.0
        Server   \(bench.simulator.url), unknown

        Attention
          CRITICAL the daemon is not running; run 'systemctl start haplo-importd'

        Source   hr, mode dry-run, not running  \(bench.drop)
          sets     queue empty
          incoming not examined while the daemon is down; run 'haplo-importd explain \(bench.drop)'

        """)
  }

  @Test func `the server's reason of several lines is one line everywhere, and nothing of it is lost`() throws
  {
    try bench.dropFolder("bad", control: ProgramBench.control.replacing("\"json\"", with: "\"jsn\""))
    let reason = "Invalid control file: Unknown reader for file data0: jsn"
    let once = bench.run("once")
    #expect(once.status == 65 && once.errors.contains("reason=\"\(reason)\""), "\(once.errors)")
    #expect(bench.run("list").output.hasSuffix("  \(reason)\n"))
    let show = bench.run("show", try ids()[0]).output
    #expect(show.contains("\nReason      \(reason) (control, HTTP 400)\n"), "\(show)")
    #expect(show.contains("rejected            control 400: \(reason)\n"), "\(show)")
    #expect(show.contains("\nAttempts    1\n"))
  }

  @Test func `an invalid control file is rejected with the same words after a retry`() throws {
    try bench.dropFolder("bad", control: "[]")
    #expect(bench.run("once").status == 65)
    let set = try ids()[0]
    let first = try bench.json(bench.run("show", "--json", set))[0]
    #expect(first["attempts"] == .number(0), "no request was sent")
    #expect(bench.run("retry", set).status == 0)
    #expect(bench.run("once").status == 65)
    let second = try bench.json(bench.run("show", "--json", set))[0]
    #expect(second["reason"]?.text?.hasPrefix("Invalid control file: control.json:1:1: ") == true)
    for member in ["reason", "remedy"] { #expect(second[member] == first[member]) }
  }

  @Test func `a deferred set has as many attempts as have failed`() throws {
    try bench.simulator.add("batch:503")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 75)
    let set = try bench.json(bench.run("list", "--json"))[0]
    #expect(set["state"] == .string("deferred") && set["attempts"] == .number(1))
  }

  @Test func `list is a table for people`() throws {
    let ids = try makeSets()
    let list = bench.run("list")
    #expect(list.errors == Self.note)
    let rows = list.output.split(separator: "\n").map { $0.replacing(#/ {2,}/#, with: "|") }
    #expect(rows.count == 3)
    #expect(rows[0] == "SET|SOURCE|STATE|OUTCOME|MODE|FILES|RECORDS|NAME|NEXT|REASON")
    #expect(rows.dropFirst().contains { $0.hasSuffix("|hr|archived|-|dry-run|1|0|first|-") })
    #expect(rows.dropFirst().contains { $0.contains("|hr|rejected|-|dry-run|-|-|second|-|") })
    #expect(rows.dropFirst().map { $0.split(separator: "|").first.map(String.init) } == ids)
  }

  @Test func `list --json has every member of the contract, and null where there is nothing`() throws {
    _ = try makeSets()
    let sets = try bench.json(bench.run("list", "--json"))
    let contract: Set = [
      "set", "source", "state", "mode", "name", "completed", "batch", "attempts", "next", "reason", "path",
      "files",
    ]
    for set in sets { #expect(contract.isSubset(of: set.names)) }
    let archived = try #require(sets.first { $0["state"] == .string("archived") })
    #expect(archived["source"] == .string("hr") && archived["mode"] == .string("dry-run"))
    #expect(archived["name"] == .string("first") && archived["attempts"] == .number(1))
    #expect(archived["next"] == .null && archived["reason"] == .null)
    #expect(archived["batch"]?.text == bench.simulator.record.jobs.first?.batch)
    let path = try #require(archived["path"]?.text)
    #expect(FileManager.default.fileExists(atPath: path + "/files/data0.json"))
    let file = try #require(archived["files"]?[0])
    #expect(file["key"] == .string("data0") && file["file"] == .string("data0.json"))
    #expect(file["size"] == .number(2))
    #expect(file["sha256"]?.text == bench.simulator.record.jobs.first?.files.first?.digest)
    let rejected = try #require(sets.first { $0["state"] == .string("rejected") })
    #expect(rejected["batch"] == .null && rejected["next"] == .null)
    #expect(rejected["files"] == .array([]))
    #expect(rejected["reason"]?.text?.contains("Not a control file") == true)
    let place = try #require(rejected["path"]?.text)
    #expect(FileManager.default.fileExists(atPath: place + "/REASON.txt"))
  }

  @Test func `list can be narrowed`() throws {
    _ = try makeSets()
    #expect(try bench.json(bench.run("list", "--json", "--state", "rejected")).count == 1)
    #expect(try bench.json(bench.run("list", "--json", "--source", "hr")).count == 2)
    #expect(try bench.json(bench.run("list", "--json", "--source", "hr", "--state=held")).isEmpty)
    let unknown = bench.run("list", "--state", "rejcted")
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("did you mean 'rejected'?"))
    #expect(bench.run("list", "--source", "no/name").status == 66)
    #expect(bench.run("list", "--source", "nobody").status == 66)
  }

  @Test func `show tells all about a set, by any beginning of its id that no other has`() throws {
    let ids = try makeSets()
    let job = try #require(bench.simulator.record.jobs.first)
    for id in ids {
      let whole = bench.run("show", id)
      #expect(whole.status == 0 && whole.output.hasPrefix("Set         \(id)\n"))
      #expect(bench.run("show", String(id.dropLast(3))).output == whole.output)
    }
    let pages = ids.map { bench.run("show", $0).output }
    let archived = try #require(pages.first { $0.contains("\nState       archived\n") })
    for words in [
      "\nBatch       \(job.batch)\n", "\nFiles\n",
      "  data0    \(job.files[0].digest)  2 bytes  0 records  data0.json\n",
      "\nHistory\n", "\nNext\n  nothing: the server scheduled the set",
    ] { #expect(archived.contains(words), "\(words) in \(archived)") }
    let rejected = try #require(pages.first { $0.contains("\nState       rejected\n") })
    #expect(rejected.contains("\nReason      ") && rejected.contains("\nRemedy      "))
    #expect(rejected.contains("or correct the files in files/ and run 'haplo-importd retry 2"))
    // What happened stands in columns.
    #expect(archived.contains("Z  claim started      folder 'first' from "), "\(archived)")
    #expect(archived.contains("Z  about to schedule  dry-run\n"))
  }

  @Test func `show --json is one object as in list`() throws {
    let ids = try makeSets()
    let listed = try bench.json(bench.run("list", "--json"))
    #expect(try ids.flatMap { try bench.json(bench.run("show", "--json", $0)) } == listed)
  }

  @Test func `an unknown id ends 66, and one that is not clear says between which`() throws {
    let ids = try makeSets()
    let unknown = bench.run("show", "19700101T000000Z-hr-aaaaaaaa")
    #expect(unknown.status == 66)
    #expect(unknown.errors.hasSuffix("haplo-importd: there is no set '19700101T000000Z-hr-aaaaaaaa'\n"))
    #expect(
      bench.run("show", "first set").errors.hasSuffix(
        "there is no set 'first set'. SET is an id from the first column of 'haplo-importd list'; "
          + "'haplo-importd list --name 'first set'' lists the sets of a name\n"))
    let unclear = bench.run("show", "20")
    #expect(unclear.status == 66)
    for id in ids { #expect(unclear.errors.contains(id)) }
    let retried = bench.run("retry", String(ids[0].prefix(8)))
    #expect(retried.status == unclear.status)
    for id in ids { #expect(retried.errors.contains(id)) }
    #expect(bench.run("show", "").status == 64)
    #expect(bench.run("show").status == 64)
    #expect(bench.run("show", "a", "b").status == 64)
  }

  @Test func `the running daemon says the same as the disk`() throws {
    _ = try makeSets()
    let commands = [
      ["list"], ["list", "--json"], ["show", try ids()[0]], ["show", "--json", try ids()[1]],
    ]
    let before = commands.map { BuiltProgram.run(["--config", bench.configuration] + $0) }
    let daemon = try bench.startDaemon()
    for (command, old) in zip(commands, before) {
      let new = BuiltProgram.run(["--config", bench.configuration] + command)
      #expect(new.status == old.status && new.output == old.output)
      #expect(old.errors == Self.note && new.errors.isEmpty)
    }
    daemon.signal(15)
    #expect(daemon.end() == 0)
  }

  @Test func `status of a running daemon has its parts, for people and programs`() throws {
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    try #require(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    try bench.dropFolder("half", data: [:])
    let status = try bench.json(bench.run("status", "--json"))
    #expect(status.count == 1)
    #expect(status[0].names.isSuperset(of: ["daemon", "server", "sources"]))
    #expect(status[0]["daemon"]?["state"] == .string("running"))
    #expect(status[0]["daemon"]?["process"] == .number(Double(daemon.process)))
    #expect(status[0]["server"]?["url"]?.text == bench.simulator.url)
    #expect(status[0]["server"]?["state"] == .string("accepting"))
    #expect(status[0]["server"]?["reason"] == .null && status[0]["server"]?["next"] == .null)
    #expect(status[0]["sources"]?[0]?["source"] == .string("hr"))
    #expect(status[0]["sources"]?[0]?["oldest"] == .null)
    let page = bench.run("status")
    #expect(page.status == 0 && page.errors.isEmpty)
    #expect(page.output.contains(", process \(daemon.process), version 0.1.0\n"))
    #expect(page.output.wholeMatch(of: #/Daemon   running since [0-9TZ:-]+, process (?s:.*)/#) != nil)
    #expect(page.output.contains("\nServer   \(bench.simulator.url), accepting\n"))
    #expect(page.output.contains("\nSource   hr, mode dry-run, watched  \(bench.drop)\n"))
    #expect(page.output.contains("\nAttention  nothing to do\n"))
  }

  @Test func `a server that cannot be reached is told of, since when, and what to look at`() throws {
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    try #require(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    bench.simulator.stop()
    try bench.dropFolder("second")
    try #require(daemon.line(with: "state=deferred") != nil, "\(daemon.transcript)")
    let server = try #require(bench.json(bench.run("status", "--json")).first?["server"])
    #expect(server["state"] == .string("failing"))
    #expect(server["reason"]?.text?.contains("connection refused") == true)
    #expect(server["since"]?.text?.hasSuffix("Z") == true)
    let page = bench.run("status").output
    #expect(page.contains("\(bench.simulator.url), failing since "), "\(page)")
    #expect(page.contains("\n  warning  requests to the server have failed since "), "\(page)")
    #expect(page.contains("connection refused") && page.contains("haplo-importd config --online"), "\(page)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a paused source says so wherever somebody looks`() throws {
    let daemon = try bench.startDaemon()
    #expect(bench.run("pause", "hr").status == 0)
    try bench.dropFolder("first")
    let deadline = ContinuousClock.now + .seconds(30)
    var explained: BuiltProgram.Run
    repeat {
      explained = bench.run("explain", "\(bench.drop)/first")
    } while explained.status == 66 && ContinuousClock.now < deadline
    #expect(explained.status == 75)
    #expect(
      explained.output.hasPrefix("first: nothing is picked up: the source is paused by ")
        && explained.output.hasSuffix(". Run 'haplo-importd resume hr'\n"))
    let status = bench.run("status")
    #expect(status.output.contains("\n  STOPPED  paused by "), "\(status.output)")
    #expect(status.output.contains("\n  incoming first: the source is paused or halted\n"))
    #expect(bench.run("resume", "hr").status == 0)
    #expect(daemon.line(with: "state=archived") != nil)
    daemon.signal(15)
    #expect(daemon.end() == 0)
  }

  @Test func `status shows what is refused, and what to do`() throws {
    bench.simulator.revokeKey()
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 77)
    let status = try #require(try bench.json(bench.run("status", "--json")).first)
    #expect(status["server"]?["state"] == .string("key-refused"))
    #expect(status["server"]?["next"]?.text?.hasSuffix("Z") == true)
    #expect(bench.run("status").output.contains("refused"))
  }

  @Test func `a paused source says so in the status of the running daemon`() throws {
    let daemon = try bench.startDaemon()
    #expect(bench.run("pause", "hr").status == 0)
    #expect(bench.run("status").output.contains("  STOPPED  paused by "))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}
