import FoundationEssentials
import HaploSimulator
import Testing

/// What `drop`, `wait`, `diff` and `reconcile` print, to the letter.
@Suite struct GoldenSetsTests {
  private static let note = "haplo-importd: the daemon is not running; this is what its journal says"
  private static let noChange = "haplo-importd: the daemon is not running, and nothing was changed"
  private static let waiting =
    "haplo-importd: the daemon is not running; waiting until it is started, or 'haplo-importd once' is run"
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  /// A folder with a set, in no drop directory. Returns its path.
  private func folder(_ name: String, _ data: String) throws -> String {
    let path = bench.directory + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try bench.write(name + "/control.json", ProgramBench.control)
    try bench.write(name + "/data0.json", data)
    return path
  }

  @Test func `drop of a good set, of a wrong one, and of one whose name is taken`() throws {
    let path = try folder("monday", #"[{"id": 1}]"#)
    bench.expect(["drop", "hr", path], output: "DIR/spool/drop/hr/monday: dropped, 2 files, 197 bytes")
    bench.expect(
      ["drop", "hr", path], 73,
      errors:
        "haplo-importd: 'DIR/spool/drop/hr/monday' is there already, so nothing was dropped. Wait until it is picked up "
        + "('haplo-importd explain' says why it is not), or choose another name by --name")
    bench.expect(
      ["drop", "--wait=0", "--name", "again", "hr", path], 75,
      output: "DIR/spool/drop/hr/again: dropped, 2 files, 197 bytes",
      errors: """
        \(Self.waiting)
        haplo-importd: 'again' was not picked up when the time was up
        """)
    bench.expect(
      ["drop", "hr", try folder("tuesday", "[{]")], 65,
      output: "DIR/tuesday/data0.json:1:3: error: expected a quoted key, found ']'",
      errors: "haplo-importd: the set has errors, so nothing was dropped. Correct them and drop it again")
  }

  @Test func `drop --wait prints the result that the daemon comes to`() throws {
    let daemon = try bench.startDaemon()
    bench.expect(
      ["drop", "--wait", "hr", try folder("monday", #"[{"id": 1}]"#)],
      output: "DIR/spool/drop/hr/monday: dropped, 2 files, 197 bytes\nSET: archived")
    daemon.signal(15)
    #expect(daemon.end() == 0)
  }

  @Test func `wait for sets that are archived, rejected, awaiting approval, and still waiting`() throws {
    try bench.dropFolder("first")
    try #require(bench.run("once").status == 0)
    bench.expect(["wait", try bench.ids()[0]], output: "SET: archived", errors: Self.note)
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("second")
    try #require(bench.run("once").status == 0)
    let waiting = try #require(bench.json(bench.run("list", "--json", "--state", "awaiting-approval")).first)
    bench.expect(
      ["wait", try #require(waiting["set"]?.text)],
      output: "SET: awaiting-approval: the import needs an approval", errors: Self.note)
    try bench.dropFolder("third", control: "[]")
    try #require(bench.run("once").status == 65)
    let rejected = try #require(bench.json(bench.run("list", "--json", "--state", "rejected")).first)
    bench.expect(
      ["wait", try #require(rejected["set"]?.text)], 65,
      output:
        "SET: rejected: Invalid control file: control.json:1:1: Not a control file: it is an array, not an object",
      errors: Self.note)
    try bench.simulator.add("any:503")
    try bench.dropFolder("fourth")
    try #require(bench.run("once").status == 75)
    let deferred = try #require(bench.json(bench.run("list", "--json", "--state", "deferred")).first)
    bench.expect(
      ["wait", "--timeout", "0", try #require(deferred["set"]?.text)], 75,
      errors: "\(Self.waiting)\nhaplo-importd: SET: still waiting when the time was up")
  }

  @Test func `diff of a set with the one before, and of the first one`() throws {
    try bench.configure(source: "QuietSec=0\nRecordKey.data0=id")
    try bench.dropFolder("monday", data: ["data0.json": #"[{"id": 1}, {"id": 2}]"#])
    try #require(bench.run("once").status == 0)
    let first = try bench.ids()[0]
    bench.expect(
      ["diff", first], 66,
      errors:
        "\(Self.note)\nhaplo-importd: no set is remembered that was scheduled before SET in the same mode; name one: "
        + "diff SET OTHER")
    try bench.dropFolder("tuesday", data: ["data0.json": #"[{"id": 2, "name": "Ada"}, {"id": 3}]"#])
    try #require(bench.run("once").status == 0)
    let second = try #require(bench.ids().first { $0 != first })
    bench.expect(
      ["diff", second],
      output: """
        SET compared with SET
        data0: 2 records, 2 before: 1 added, 1 removed, 1 changed by 'id'
          + 3
          - 1
          ~ 2: name
        """, errors: Self.note)
    bench.expect(
      ["diff", first, first],
      output: "SET compared with SET\ndata0: 2 records, 2 before: no difference by 'id'", errors: Self.note)
  }

  @Test func `reconcile without sets in doubt, and without a key`() throws {
    bench.expect(
      ["reconcile", "--assume-new"], output: "journal: it is not older than the archive: nothing to do",
      errors: Self.noChange)
    let key = "b3V0Y29tZS1rZXktb3V0Y29tZS1rZXktb3V0Y29tZS0"
    bench.simulator.acceptOutcomeKey(key)
    try bench.write("outcome-key", key + "\n", mode: 0o600)
    try bench.configure(server: "OutcomeKeyFile=\(bench.directory)/outcome-key")
    bench.expect(
      ["reconcile"], output: "reconcile: no sets are in doubt: nothing to do", errors: Self.noChange)
    bench.expect(
      ["reconcile", "--dry-run"], output: "reconcile: no sets are in doubt: nothing to do",
      errors: Self.noChange)
  }
}
