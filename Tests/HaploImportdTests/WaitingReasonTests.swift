import FoundationEssentials
import HaploSimulator
import Testing

/// Each set that waits has a reason in `list`, `show` and `--json`, and the source in `status`.
@Suite struct WaitingReasonTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench(source: "QuietSec=0\nMode=approve") }

  /// Two sets that await approval, the older one first.
  private func twoForApproval() throws -> [String] {
    for name in ["first", "second"] {
      try bench.dropFolder(name)
      try #require(bench.run("once").status == 0)
    }
    return try names().map(\.set)
  }

  private func names() throws -> [(set: String, reason: String?, remedy: String?)] {
    try bench.json(bench.run("list", "--json")).sorted { ($0["name"]?.text ?? "") < ($1["name"]?.text ?? "") }
      .map { (try #require($0["set"]?.text), $0["reason"]?.text, $0["remedy"]?.text) }
  }

  @Test func `a set that awaits approval says so, with the commands`() throws {
    let set = try twoForApproval()[0]
    let row = try names()[0]
    let commands = "run 'haplo-importd approve \(set)' or 'haplo-importd reject \(set) --reason TEXT'"
    #expect(row.reason == "the import needs an approval" && row.remedy == commands)
    #expect(bench.run("list").output.contains("-     the import needs an approval\n"))
    let show = bench.run("show", set).output
    #expect(show.contains("\nReason      the import needs an approval\nRemedy      \(commands)\n"), "\(show)")
  }

  @Test func `a set that awaits approval and has lost its folder says so, with the command that clears it`()
    throws
  {
    let set = try twoForApproval()[0]
    try FileManager.default.removeItem(atPath: "\(bench.directory)/spool/work/hr/\(set)")
    let row = try names()[0]
    #expect(row.reason == "the set's folder is gone")
    let command = "haplo-importd reject \(set) --reason TEXT"
    #expect(row.remedy == "drop the set again if it is still wanted, and run '\(command)'")
    #expect(bench.run("show", set).output.contains("\n  nothing: the set's folder is gone. "))
    #expect(bench.run("approve", set).status == 66)
    #expect(bench.run("reject", set, "--reason", "lost").status == 0)
  }

  @Test func `a set in the queue names the set before it, and the first one needs no reason`() throws {
    let sets = try twoForApproval()
    for set in sets { try #require(bench.run("approve", set).status == 0) }
    #expect(try names().map(\.reason) == [nil, "the set is scheduled after set \(sets[0])"])
  }

  @Test func `a set of a paused source names the person and the command`() throws {
    for set in try twoForApproval() { try #require(bench.run("approve", set).status == 0) }
    try #require(bench.run("pause", "hr").status == 0)
    for row in try names() {
      #expect(
        row.reason?.hasPrefix("the source is paused by ") == true
          && row.reason?.hasSuffix(" Run 'haplo-importd resume hr'") == true, "\(row)")
    }
  }

  @Test func `a set whose source is not configured says so`() throws {
    for set in try twoForApproval() { try #require(bench.run("approve", set).status == 0) }
    try bench.write("haplo.conf", bench.configurationText.replacing("[Source hr]", with: "[Source finance]"))
    for row in try names() {
      #expect(row.reason == "its source is not configured", "\(row)")
      #expect(row.remedy?.hasPrefix("add [Source hr], or run 'haplo-importd reject \(row.set) ") == true)
    }
  }

  @Test func `while the server refuses the key, each set says so`() throws {
    bench.simulator.revokeKey()
    for name in ["first", "second"] { try bench.dropFolder(name) }
    try #require(bench.run("once").status == 77)
    let rows = try names()
    #expect(rows.count == 2)
    for row in rows { #expect(row.reason?.hasPrefix("deliveries are suspended: ") == true, "\(row)") }
    for set in try bench.json(bench.run("list", "--json")) {
      #expect(set["state"] == .string("claimed") && set["next"]?.text?.hasSuffix("Z") == true, "\(set)")
    }
    let status = bench.run("status").output
    #expect(status.contains("deliveries are suspended since "), "\(status)")
  }
}
