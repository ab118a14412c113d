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
}
