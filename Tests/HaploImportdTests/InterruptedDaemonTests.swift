import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// A daemon that did not run for a while, or not for one source: what was dropped meanwhile goes in the order of the drops.
@Suite struct InterruptedDaemonTests {
  private static let names = ["z-monday", "m-tuesday", "a-wednesday", "k-thursday", "b-friday"]
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench(source: "QuietSec=1s\nComment=%n") }

  private func dropAll() throws {
    for name in Self.names {
      try bench.dropFolder(name, data: ["data0.json": #"[{"id": "\#(name)"}]"#])
      nextTick(after: "\(bench.drop)/\(name)")
    }
  }

  /// Returns when the file system gives a later ctime than that of a folder.
  private func nextTick(after path: String) {
    let probe = bench.directory + "/probe"
    repeat {
      close(open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
      chmod(probe, 0o600)
    } while changeTime(of: probe) <= changeTime(of: path)
  }

  private func changeTime(of path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0
      ? Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec) : 0
  }

  private func scheduled() -> [String] {
    let comments = Dictionary(
      uniqueKeysWithValues: bench.simulator.record.batches.map { ($0.id, $0.comment) })
    return bench.simulator.record.jobs.compactMap { comments[$0.batch] ?? nil }
  }

  @Test func `after a stop of the process`() async throws {
    let daemon = try bench.startDaemon()
    daemon.signal(SIGSTOP)
    try dropAll()
    daemon.signal(SIGCONT)
    #expect(await bench.simulator.wait(atMost: .seconds(60)) { $0.jobs.count == Self.names.count })
    #expect(scheduled() == Self.names)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `after a pause of the source`() async throws {
    let daemon = try bench.startDaemon()
    #expect(bench.run("pause", "hr").status == 0)
    try dropAll()
    #expect(bench.run("resume", "hr").status == 0)
    #expect(await bench.simulator.wait(atMost: .seconds(60)) { $0.jobs.count == Self.names.count })
    #expect(scheduled() == Self.names)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}

/// `once` with so few descriptors that it cannot take every set.
@Suite struct FewDescriptorsTests {
  @Test func `once says by its exit status whether sets were left`() throws {
    let bench = try ProgramBench()
    for number in 10..<70 { try bench.dropFolder("set-\(number)") }
    // With the fewest it cannot even open the spool, and says so: the test's own process has left some open, too.
    var status: Int32 = 73
    for limit in stride(from: 16, to: 64, by: 2) where [73, 74].contains(status) {
      let run = BuiltProgram.run(
        ["-c", "ulimit -n \(limit); exec '\(BuiltProgram.path)' --config '\(bench.configuration)' once"],
        program: "/bin/sh")
      status = run.status
      #expect(status == 0 || run.errors.contains("Too many open files"), "\(run.errors)")
    }
    let left = ["drop", "work"].flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: "\(bench.directory)/spool/\($0)/hr")) ?? []
    }
    #expect(status == 75 && !left.isEmpty, "\(left.count) sets left: \(status)")
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 60)
  }
}
