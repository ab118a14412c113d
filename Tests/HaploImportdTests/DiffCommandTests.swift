import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `diff` as people and programs call it.
@Suite struct DiffCommandTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench(source: "QuietSec=0\nRecordKey.data0=id") }

  private func drop(_ name: String, _ records: String) throws {
    try bench.dropFolder(name, data: ["data0.json": "[\(records)]"])
  }

  /// Drops a set and processes it; its id.
  private func send(_ name: String, _ records: String) throws -> String {
    try drop(name, records)
    #expect([0, 65].contains(bench.run("once").status))
    let sets = try bench.json(bench.run("list", "--json"))
    return try #require(sets.first { $0["name"]?.text == name }?["set"]?.text)
  }

  private static let old = #"{"id": 1, "a": "x"}, {"id": 2, "a": "x"}, {"id": 3, "a": "x"}"#
  private static let new = #"{"id": 1, "a": "y"}, {"id": 3, "a": "x"}, {"id": 4, "a": "x"}"#

  @Test func `a set is compared with the one before it, or with another`() throws {
    let sets = try [send("1", Self.old), send("2", Self.new), send("3", Self.new)]
    let text = """
      data0: 3 records, 3 before: 1 added, 1 removed, 1 changed by 'id'
        + 4
        - 2
        ~ 1: a

      """
    #expect(bench.run("diff", sets[1]).output == "\(sets[1]) compared with \(sets[0])\n" + text)
    #expect(bench.run("diff", sets[2], sets[0]).output == "\(sets[2]) compared with \(sets[0])\n" + text)
    #expect(
      bench.run("diff", sets[2]).output == "\(sets[2]) compared with \(sets[1])\n"
        + "data0: 3 records, 3 before: no difference by 'id'\n")
    let first = bench.run("diff", sets[0])
    #expect(first.status == 66 && first.errors.contains("no set is remembered that was scheduled before"))
  }

  @Test func `JSON has a summary of each file and each record that differs`() throws {
    let sets = try [send("1", Self.old), send("2", Self.new)]
    let lines = try bench.json(bench.run("diff", "--json", sets[1]))
    #expect(
      lines.first?.names == [
        "set", "other", "key", "file", "recordKey", "before", "now", "added", "removed", "changed",
        "withoutKey",
        "repeated", "note",
      ])
    #expect(lines.first?["set"]?.text == sets[1] && lines.first?["other"]?.text == sets[0])
    #expect(lines.first?["added"] == .number(1) && lines.first?["recordKey"] == .string("id"))
    #expect(lines.dropFirst().allSatisfy { $0.names == ["key", "change", "record", "fields"] })
    #expect(
      Set(lines.dropFirst().map { "\($0["change"]?.text ?? "") \($0["record"]?.text ?? "")" })
        == ["removed 2", "added 4", "changed 1"])
  }

  @Test func `the first records of each kind are named, and the others counted`() throws {
    let sets = try [
      send("1", (0..<30).map { "{\"id\": \($0)}" }.joined(separator: ",")),
      send("2", (30..<90).map { "{\"id\": \($0)}" }.joined(separator: ",")),
    ]
    let lines = bench.run("diff", sets[1]).output.split(separator: "\n")
    #expect(lines.count == 2 + 21 + 21)
    #expect(
      lines.contains("  + and 40 more (--json lists all)")
        && lines.contains("  - and 10 more (--json lists all)"))
    #expect(try bench.json(bench.run("diff", "--json", sets[1])).count == 91)
  }

  @Test func `without a key, records are named by their number`() throws {
    try bench.configure(source: "QuietSec=0")
    let sets = try [send("1", Self.old), send("2", Self.new)]
    let output = bench.run("diff", sets[1]).output
    #expect(
      output.hasSuffix(
        """
        data0: 3 records, 3 before: 2 added, 2 removed
          + record 1
          + record 3
          - record 1
          - record 2

        """), "\(output)")
    let summary = try #require(bench.json(bench.run("diff", "--json", sets[1])).first)
    #expect(summary["recordKey"] == .null && summary["changed"] == .null)
  }

  @Test func `held sets, sets awaiting approval and rejected ones are compared with the last one`() throws {
    try bench.configure(source: "QuietSec=0\nRecordKey.data0=id\nMode=approve\nChangeLimit=20%")
    let first = try send("1", Self.old)
    let second = try send("2", Self.new)
    #expect(bench.run("diff", second).output.hasPrefix("\(second) compared with \(first)\n"))
    let held = try send("3", #"{"id": 1, "a": "y"}"#)
    #expect(bench.run("show", held).output.contains("State       held"))
    let output = bench.run("diff", held).output
    #expect(
      output.contains("\(held) compared with \(second)\n")
        && output.contains("1 record, 3 before: 2 removed by 'id'"))
    #expect(bench.run("reject", held, "--reason", "wrong").status == 0)
    #expect([0, 65].contains(bench.run("once").status), "it moves the set to the rejected ones")
    #expect(bench.run("diff", held).output == output)
  }

  @Test func `a path in a drop directory is compared with the last set of its source`() throws {
    let first = try send("1", Self.old)
    let daemon = try bench.startDaemon()
    #expect(bench.run("pause", "hr").status == 0)
    try drop("2", Self.new)
    let path = "\(bench.drop)/2"
    for operand in [path, path + "/control.json"] {
      let run = bench.run("diff", operand)
      #expect(run.status == 0 && run.output.hasPrefix("\(operand) compared with \(first)\n"), "\(run)")
      #expect(run.output.contains("1 added, 1 removed, 1 changed by 'id'"))
      #expect(run.errors.isEmpty)
    }
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(bench.run("diff", path).errors.contains("the daemon is not running"))
    try bench.write("2.json", "x")
    #expect(bench.run("diff", bench.directory + "/none", first).status == 66)
    #expect(bench.run("diff", bench.directory + "/elsewhere").status == 66)
  }

  @Test func `files that retention deleted are said, with the numbers that are left`() throws {
    let sets = try [send("1", Self.old), send("2", Self.new)]
    try bench.configure(source: "QuietSec=0\nRecordKey.data0=id\nArchiveFilesKeepSec=0")
    #expect(bench.run("prune").status == 0)
    let run = bench.run("diff", sets[1])
    #expect(run.status == 66)
    #expect(run.output.contains("the files of set \(sets[0]) were deleted at "), "\(run.output)")
    #expect(
      run.output.hasSuffix("data0: 3 records, 3 records before: its records cannot be compared any more\n"))
    let summary = try #require(bench.json(bench.run("diff", "--json", sets[1])).first)
    #expect(summary["before"] == .number(3) && summary["added"] == .null && summary["note"]?.text != nil)
  }

  @Test func `a file that cannot be read to its end is said`() throws {
    let first = try send("1", Self.old)
    let bad = try send("2", #"{"id": 1}, {"#)
    let run = bench.run("diff", bad, first)
    #expect(run.status == 65 && run.output.contains("data0.json: 1:"), "\(run.output)")
  }

  @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "it needs Python"), arguments: [1, 2])
  func `it agrees with a comparison in Python, for all readers`(seed: Int) throws {
    let script = "\(ProjectFile.root)/Tests/Records/diff.py"
    let run = BuiltProgram.run(
      [script, BuiltProgram.path, "10000", String(seed)], program: "/usr/bin/python3")
    #expect(run.status == 0, "\(run.errors)")
  }
}
