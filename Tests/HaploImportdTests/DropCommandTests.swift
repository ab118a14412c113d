import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `drop` as a user calls it.
@Suite struct DropCommandTests {
  let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    try FileManager.default.createDirectory(
      atPath: bench.directory + "/out", withIntermediateDirectories: true)
  }

  private func makeSet(
    _ name: String = "out/staff", _ data: [String: String] = ["data0.json": #"[{"id": 1}]"#]
  ) throws {
    for folder in [name] + data.keys.compactMap({ $0.contains("/") ? "\(name)/notes" : nil }) {
      try FileManager.default.createDirectory(
        atPath: "\(bench.directory)/\(folder)", withIntermediateDirectories: true)
    }
    try bench.write("\(name)/control.json", ProgramBench.control)
    for (file, text) in data { try bench.write("\(name)/\(file)", text) }
  }

  /// What is in the drop directory, hidden names too.
  private var dropped: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: bench.drop))?.sorted() ?? []
  }

  private func path(_ name: String) -> String { "\(bench.directory)/\(name)" }

  @Test func `a folder is copied whole with SHA256SUMS, and imported with any QuietSec`() throws {
    try bench.configure(source: "QuietSec=1h")
    try makeSet("out/staff", ["data0.json": #"[{"id": 1}]"#, "notes/readme.txt": "x", ".DS_Store": "litter"])
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let size = ProgramBench.control.utf8.count + 12
    #expect(run.output.hasSuffix("\(bench.drop)/staff: dropped, 3 files, \(size) bytes\n"), "\(run.output)")
    #expect(dropped == ["staff"])
    let names = try FileManager.default.subpathsOfDirectory(atPath: bench.drop + "/staff").sorted()
    #expect(names == ["SHA256SUMS", "control.json", "data0.json", "notes", "notes/readme.txt"])
    let sums = BuiltProgram.run(
      ["-c", "cd '\(bench.drop)/staff' && sha256sum --strict -c SHA256SUMS"], program: "/bin/sh")
    #expect(sums.status == 0 && sums.output.split(separator: "\n").count == 3, "\(sums.output)")
    #expect(FileManager.default.fileExists(atPath: path("out/staff/control.json")))
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 1)
  }

  @Test func `control file and data files from several places make a folder of their own`() throws {
    try makeSet("out/one", [:])
    try makeSet("out/two")
    let run = bench.run("drop", "hr", path("out/one/control.json"), path("out/two/data0.json"))
    #expect(run.status == 0, "\(run.errors)")
    #expect(dropped.count == 1)
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.map(\.files.count) == [1])
  }

  @Test func `a control file alone stands for the data files beside it`() throws {
    try makeSet("out/flat", ["data0.json": #"[{"id": 1}]"#, "other.json": "{}"])
    let run = bench.run("drop", "hr", path("out/flat/control.json"), "--name", "flat")
    #expect(run.status == 0, "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: bench.drop + "/flat").sorted()
    #expect(names == ["SHA256SUMS", "control.json", "data0.json"])
  }

  @Test(arguments: ["QuietSec=0\nMarkerFile=export.done"])
  func `the marker of the source is made`(source: String) throws {
    try bench.configure(source: source)
    try makeSet()
    #expect(bench.run("drop", "hr", path("out/staff")).status == 0)
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 1)
  }

  @Test func `a set with an error is told as check tells it, and nothing is dropped`() throws {
    try makeSet("out/staff", ["data0.json": "[{"])
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 65)
    let check = bench.run("check", path("out/staff"))
    #expect(check.status == 65 && !check.output.isEmpty && run.output == check.output)
    #expect(run.errors.contains("the set has errors, so nothing was dropped"))
    #expect(dropped == [])
  }

  @Test func `what no set can have is named`() throws {
    try makeSet("out/staff", ["data0.json": #"[{"id": 1}]"#, "rest.part": "x"])
    let temporary = bench.run("drop", "hr", path("out/staff"))
    #expect(
      temporary.status == 65
        && temporary.output.hasPrefix("\(path("out/staff/rest.part")):1:1: error: a temporary"))
    unlink(path("out/staff/rest.part"))
    symlink("/etc/passwd", path("out/staff/link"))
    let link = bench.run("drop", "hr", path("out/staff"))
    #expect(link.status == 65 && link.output.contains("\(path("out/staff/link")):1:1: error: "), "\(link)")
    #expect(dropped == [])
  }

  @Test func `warnings are printed, and the set is dropped`() throws {
    try makeSet("out/staff", ["data0.json": #"[{"id": 1}]"#, "unnamed.txt": "x"])
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 0)
    #expect(run.output.contains("\(path("out/staff/unnamed.txt")):1:1: warning: "))
    #expect(dropped == ["staff"])
  }

  @Test func `a set whose files do not match its own SHA256SUMS is refused`() throws {
    let digest = String(repeating: "0", count: 64)
    try makeSet("out/staff", ["data0.json": #"[{"id": 1}]"#, "SHA256SUMS": "\(digest)  data0.json\n"])
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 65 && run.output.contains("SHA256SUMS:1:1: error: "), "\(run.output)")
    #expect(dropped == [])
  }

  @Test func `a name that is taken is not replaced`() throws {
    try makeSet()
    #expect(bench.run("drop", "hr", path("out/staff")).status == 0)
    try bench.write("out/staff/data0.json", "[ ]")
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 73)
    #expect(run.errors.contains("'\(bench.drop)/staff' is there already, so nothing was dropped"))
    #expect(BuiltProgram.contents(of: bench.drop + "/staff/data0.json") == #"[{"id": 1}]"#)
    #expect(bench.run("drop", "hr", path("out/staff"), "--name", "staff2").status == 0)
    #expect(dropped == ["staff", "staff2"])
  }

  @Test func `unknown sources and paths end 66, and what cannot be one set 64`() throws {
    try makeSet()
    try makeSet("out/other")
    #expect(bench.run("drop", "nobody", path("out/staff")).status == 66)
    #expect(bench.run("drop", "hr", path("out/none")).status == 66)
    #expect(bench.run("drop", "hr", path("out/staff"), path("out/other")).status == 64)
    #expect(
      bench.run("drop", "hr", path("out/staff/control.json"), path("out/other/control.json")).status == 64)
    #expect(bench.run("drop", "hr", path("out/staff"), "--name", "x.part").status == 64)
    #expect(bench.run("drop", "hr", path("out/staff"), "--name", "a/b").status == 64)
    #expect(bench.run("drop", "hr", path("out/staff"), "--wait=soon").status == 64)
    #expect(bench.run("drop", "hr").status == 64)
    #expect(bench.run("drop", "hr", path("spool")).status == 64, "it holds the drop directory")
    #expect(bench.run("drop", "hr", bench.drop).status == 64)
    #expect(dropped == [])
  }

  @Test func `a missing drop directory ends 66`() throws {
    try makeSet()
    rmdir(bench.drop)
    let run = bench.run("drop", "hr", path("out/staff"))
    #expect(run.status == 66 && run.errors.contains("the daemon makes it when it starts"))
  }

  @Test func `leftovers of a killed drop are removed, and one at work is left alone`() throws {
    try makeSet()
    for name in [".drop-left.part", ".drop-busy.part"] { mkdir("\(bench.drop)/\(name)", 0o770) }
    try bench.write("spool/drop/hr/.drop-left.part/data0.json", "[")
    let busy = open("\(bench.drop)/.drop-busy.part", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    #expect(flock(busy, LOCK_EX | LOCK_NB) == 0)
    #expect(bench.run("drop", "hr", path("out/staff")).status == 0)
    #expect(dropped == [".drop-busy.part", "staff"])
    close(busy)
  }

  @Test func `a folder that is being put together is never claimed`() throws {
    mkdir("\(bench.drop)/.drop-x.part", 0o770)
    try bench.write("spool/drop/hr/.drop-x.part/control.json", ProgramBench.control)
    try bench.write("spool/drop/hr/.drop-x.part/data0.json", "[]")
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.requestCount == 0)
  }

  @Test func `with --json a set is one object`() throws {
    try makeSet()
    let objects = try bench.json(bench.run("drop", "hr", path("out/staff"), "--json"))
    #expect(objects.count == 1)
    #expect(objects[0]["name"] == .string("staff") && objects[0]["source"] == .string("hr"))
    #expect(objects[0]["path"] == .string(bench.drop + "/staff"))
    #expect(objects[0]["files"]?[1]?["file"] == .string("data0.json"))
    #expect(objects[0]["files"]?[1]?["size"] == .number(11))
  }
}
