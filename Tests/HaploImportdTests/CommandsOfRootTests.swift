import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Commands of root on a spool that belongs to the daemon's user.
@Suite(.enabled(if: geteuid() == 0, "only root can act as another user"))
struct CommandsOfRootTests {
  private static let user: uid_t = 65_534

  /// Paths below the bench that belong to root.
  private func ofRoot(_ bench: ProgramBench) -> [String] {
    ["spool", "state", "run"].flatMap { folder -> [String] in
      let path = "\(bench.directory)/\(folder)"
      let below = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
      return ([""] + below.map { "/" + $0 }).map { path + $0 }
    }.filter { path in
      var status = stat()
      return lstat(path, &status) == 0 && status.st_uid == 0
    }
  }

  @Test func `once, decisions, prune and verify make nothing that belongs to root`() throws {
    let bench = try ProgramBench(source: "QuietSec=0\nArchiveKeepSec=0")
    chmod(bench.directory, 0o755)
    for folder in ["spool", "spool/drop", "spool/drop/hr"] {
      chown("\(bench.directory)/\(folder)", Self.user, Self.user)
    }
    try bench.dropFolder("first")
    let set = bench.directory + "/spool/drop/hr/first"
    for path in ["", "/control.json", "/data0.json"] { chown(set + path, Self.user, Self.user) }
    let once = bench.run("once")
    #expect(once.status == 0 && bench.simulator.record.jobs.count == 1, "\(once.errors)")
    #expect(ofRoot(bench) == [])
    for command in [["pause", "hr"], ["verify"], ["prune"], ["resume", "hr"]] {
      let run = BuiltProgram.run(["--config", bench.configuration] + command)
      #expect(run.status == 0, "\(command): \(run.errors)")
    }
    #expect(ofRoot(bench) == [])
    let line = try #require(
      String(
        decoding: FileManager.default.contents(atPath: bench.directory + "/state/journal.jsonl") ?? Data(),
        as: UTF8.self
      ).split(separator: "\n").first { $0.contains("pausedBy") })
    #expect(line.contains(#""pausedBy":"root""#), "who decided is still known")
  }

  /// A spool of the daemon's user, and in it a set of root with a folder that is closed to all others.
  private func dropOfRoot(_ mode: mode_t, control: String = ProgramBench.control) throws -> ProgramBench {
    let bench = try ProgramBench()
    chmod(bench.directory, 0o755)
    for folder in ["spool", "spool/drop", "spool/drop/hr"] {
      chown("\(bench.directory)/\(folder)", Self.user, Self.user)
    }
    try FileManager.default.createDirectory(
      atPath: bench.directory + "/first/sub", withIntermediateDirectories: true)
    try bench.write("first/sub/note", "x", mode: mode & 0o666)
    chmod(bench.directory + "/first/sub", mode)
    try bench.dropFolder("first", control: control)
    for name in ["control.json", "data0.json"] { chmod("\(bench.drop)/first/\(name)", mode & 0o666) }
    chmod(bench.drop + "/first", mode)
    return bench
  }

  @Test(arguments: [0o755, 0o700] as [mode_t])
  func `once claims what root has dropped, and prune deletes it`(mode: mode_t) throws {
    let bench = try dropOfRoot(mode)
    let once = bench.run("once")
    #expect(once.status == 0 && bench.simulator.record.jobs.count == 1, "\(once.errors)")
    #expect(!once.errors.contains("setfacl"), "\(once.errors)")
    #expect(bench.run("verify").status == 0)
    try bench.configure(source: "QuietSec=0\nArchiveKeepSec=0")
    let prune = bench.run("prune")
    #expect(prune.status == 0 && prune.output.hasPrefix("\(bench.directory)/spool/archive/hr/"), "\(prune)")
    #expect(bench.run("list").output == "no sets\n")
  }

  @Test(arguments: [0o755, 0o700] as [mode_t])
  func `discard deletes what root has dropped`(mode: mode_t) throws {
    let bench = try dropOfRoot(mode, control: "{}")
    #expect(bench.run("once").status == 65)
    let discard = bench.run("discard", "--all")
    #expect(discard.status == 0 && discard.output.hasSuffix("its files are deleted\n"), "\(discard)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: bench.directory + "/spool/rejected/hr")
    #expect(left.isEmpty, "\(left)")
  }

  @Test func `once has no other capability than those of the service, in any thread`() throws {
    let bench = try dropOfRoot(0o700)
    try bench.simulator.add("batch:stall:for=10s")
    let once = RunningProgram(["--config", bench.configuration, "once"])
    try #require(once.line(with: "state=claimed") != nil, "\(once.transcript)")
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(once.process)/task")
    #expect(threads.count > 3)
    for thread in threads {
      let status = BuiltProgram.contents(of: "/proc/\(once.process)/task/\(thread)/status")
      if status.isEmpty { continue }  // it has ended
      func field(_ name: String) -> Substring? {
        status.split(separator: "\n").first { $0.hasPrefix("\(name):\t") }?.dropFirst(name.count + 2)
      }
      #expect(field("Uid") == "65534\t65534\t65534\t65534")
      for set in ["CapPrm", "CapEff"] {
        let bits = try #require(field(set).flatMap { UInt64($0, radix: 16) })
        #expect(bits & ~(1 << 3 | 1 << 28) == 0, "CAP_FOWNER and CAP_LEASE at the most: \(bits)")
      }
    }
    once.signal(SIGTERM)
    _ = once.end()
  }
}
