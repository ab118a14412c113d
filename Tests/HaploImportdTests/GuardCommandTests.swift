import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Guards as people meet them on the command line.
@Suite struct GuardCommandTests {
  private let bench: ProgramBench

  init() throws {
    bench = try ProgramBench(
      source: "QuietSec=0\nRecordKey.data0=id\nChangeLimit=50%\nRemovalLimit=20%\nMinRecords=2")
  }

  private func records(_ ids: some Sequence<Int>) -> [String: String] {
    ["data0.json": "[" + ids.map { "{\"id\": \($0)}" }.joined(separator: ",") + "]"]
  }

  @Test func `check --against says what a set would be held for, and nothing of one that is as it should be`()
    throws
  {
    try bench.dropFolder("first", data: records(0..<10))
    #expect(
      bench.run("check", "--against", "hr", bench.drop + "/first").status == 0, "there is none before it")
    #expect(bench.run("once").status == 0)
    let first = try bench.ids()[0]
    #expect(bench.run("pause", "hr").status == 0)
    try bench.dropFolder("good", data: records(1..<11))
    try bench.dropFolder("wrong", data: records([0]))
    try bench.dropFolder("other", data: records(100..<110))
    for against in ["hr", first] {
      #expect(bench.run("check", "--against", against, bench.drop + "/good").status == 0)
      let wrong = bench.run("check", "--against", against, bench.drop + "/wrong")
      #expect(wrong.status == 65)
      let lines = bench.normalised(wrong.output).split(separator: "\n")
      #expect(
        lines == [
          "DIR/spool/drop/hr/wrong:1:1: error: would be held: file 'data0' has 1 record, fewer than 2: MinRecords=2 (DIR/haplo.conf:14)",
          "DIR/spool/drop/hr/wrong:1:1: error: would be held: file 'data0' has 1 record, 90% fewer than the 10 it had: ChangeLimit=50% (DIR/haplo.conf:12)",
          "DIR/spool/drop/hr/wrong:1:1: error: would be held: file 'data0' lacks 9 of the 10 record keys it had (90%); it has 1 record, and had 10: RemovalLimit=20% (DIR/haplo.conf:13)",
        ])
      let other = bench.run("check", "--against", against, bench.drop + "/other")
      #expect(other.status == 65 && other.output.contains("lacks 10 of the 10 record keys it had (100%)"))
    }
    #expect(bench.run("check", "--against", "nobody", bench.drop + "/good").status == 66)
    #expect(bench.run("check", bench.drop + "/wrong").status == 0, "without --against nothing is compared")
  }

  @Test func `check --against a source compares with its last set although the archive was pruned`() throws {
    try bench.dropFolder("first", data: records(0..<10))
    #expect(bench.run("once").status == 0)
    let first = try bench.ids()[0]
    try FileManager.default.removeItem(atPath: bench.directory + "/spool/archive/hr")
    try bench.dropFolder("wrong", data: records(0..<3))
    let run = bench.run("check", "--against", "hr", bench.drop + "/wrong")
    #expect(run.status == 65)
    #expect(run.output.contains("file 'data0' has 3 records, 70% fewer than the 10 it had: ChangeLimit=50%"))
    #expect(
      run.output.contains(
        "the record keys of file 'data0' cannot be compared: those of set \(first): its folder is not there any more"
          + " (ArchiveKeepSec=): RemovalLimit=20%"), "\(run.output)")
  }

  @Test func `a set that was archived before records were counted is shown without counts, and compared`()
    throws
  {
    try bench.dropFolder("first", data: records(0..<10))
    #expect(bench.run("once").status == 0)
    let first = try bench.ids()[0]
    #expect(bench.run("show", first).output.contains("  10 records  data0.json\n"))
    let folder = try #require(bench.json(bench.run("list", "--json"))[0]["path"]?.text)
    let receipt = try String(contentsOfFile: folder + "/receipt.json", encoding: .utf8)
    let older = receipt.replacing(#/"(records|recordKey)" : [^,]*,\s*/#, with: "")
    #expect(older.count < receipt.count && !older.contains("record"))
    try older.write(toFile: folder + "/receipt.json", atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: folder + "/keys")
    #expect(bench.run("show", first).output.contains("  data0.json\n"))
    #expect(!bench.run("show", first).output.contains(" records "))
    let set = try bench.json(bench.run("list", "--json"))[0]
    #expect(set["files"]?[0]?["records"] == .null)
    #expect(bench.run("list").output.replacing(#/ {2,}/#, with: "|").contains("|dry-run|1|-|first|"))
    try bench.dropFolder("second", data: records(0..<4))
    #expect(bench.run("check", "--against", first, bench.drop + "/second").status == 0)
    let diff = bench.run("diff", bench.drop + "/second", first)
    #expect(diff.output.contains("data0: 4 records, 10 before: 6 removed by 'id'"), "\(diff)")
  }

  @Test func `check warns of records without a key and of keys that repeat`() throws {
    try bench.dropFolder("keys", data: ["data0.json": #"[{"id": 1}, {"id": 1}, {"other": 2}]"#])
    let run = bench.run("check", bench.drop + "/keys")
    #expect(run.status == 0)
    #expect(
      run.output.contains("warning: 1 record without a value of the record key 'id'\n"), "\(run.output)")
    #expect(
      run.output.contains("warning: 1 record with a value of the record key 'id' that another one has\n"))
  }

  @Test func `show of a set that awaits approval says what became of the records`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve\nRecordKey.data0=id")
    try bench.dropFolder("first", data: records(0..<10))
    #expect(bench.run("once").status == 0)
    let first = try bench.ids()[0]
    #expect(!bench.run("show", first).output.contains("\nRecords\n"), "there is nothing to compare with")
    try bench.dropFolder("second", data: records(3..<15))
    #expect(bench.run("once").status == 0)
    let second = try #require(bench.ids().first { $0 != first })
    let shown = bench.run("show", second).output
    #expect(shown.contains("\nRecords\n  data0: 12 records (+5 -3 against \(first))\n"), "\(shown)")
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("third", data: records(3..<9))
    #expect(bench.run("once").status == 0)
    let third = try #require(bench.ids().first { ![first, second].contains($0) })
    let counted = bench.run("show", third).output
    #expect(counted.contains("\nRecords\n  data0: 6 records (12 records in \(second))\n"), "\(counted)")
  }
}
