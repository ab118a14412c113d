import FoundationEssentials
import Glibc
import Testing

/// An archive with thousands of sets, and a daemon that is asked about it.
@Suite struct LongListTests {
  private static let count = 4000
  private let bench: ProgramBench

  init() throws {
    bench = try ProgramBench(source: "QuietSec=0\nArchiveKeepSec=100years")
    try bench.dropFolder("one")
    try #require(bench.run("once").status == 0)
    let first = try #require(bench.json(bench.run("list", "--json")).first)
    let (set, path) = (try #require(first["set"]?.text), try #require(first["path"]?.text))
    let receipt = String(
      decoding: try #require(FileManager.default.contents(atPath: path + "/receipt.json")), as: UTF8.self)
    for number in 0..<Self.count {
      let name = Self.id(number)
      let day = "\(bench.directory)/spool/archive/hr/2025/11/\(name.dropFirst(6).prefix(2))"
      try FileManager.default.createDirectory(atPath: "\(day)/\(name)", withIntermediateDirectories: true)
      try bench.write(
        "\(day)/\(name)/receipt.json".replacing(bench.directory + "/", with: ""),
        receipt.replacing(set, with: name).replacing(
          #/"completed"\s*:\s*"[^"]+"/#, with: "\"completed\":\"2025-11-2\(number % 3)T00:00:00Z\""))
    }
  }

  /// Ids on three days of November 2025.
  private static func id(_ number: Int) -> String {
    let letters = Array("abcdefghjk")
    let tail = String(String(100_000 + number).dropFirst().map { letters[Int(String($0)) ?? 0] })
    return "2025112\(number % 3)T000000Z-hr-222\(tail)"
  }

  private func resident(_ process: Int32) throws -> Int {
    let status = String(
      decoding: try #require(FileManager.default.contents(atPath: "/proc/\(process)/status")), as: UTF8.self)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  @Test func `the daemon lists and finds thousands of sets without growing`() throws {
    let daemon = try bench.startDaemon()
    #expect(bench.run("list").output.split(separator: "\n").count == 21, "a headline and the last 20")
    let before = try resident(daemon.process)
    let all = bench.run("list", "--all").output.split(separator: "\n").dropFirst().map { $0.prefix(28) }
    #expect(all.dropLast().map(String.init) == (0..<Self.count).map(Self.id).sorted())
    for number in [0, 17, Self.count - 1] {
      let id = Self.id(number)
      #expect(bench.run("show", id).output.hasPrefix("Set         \(id)\n"))
    }
    let unclear = bench.run("show", "2025")
    #expect(unclear.status == 66 && unclear.errors.contains(", …"), "\(unclear.errors)")
    let retried = bench.run("retry", "20251120")
    #expect(retried.status == 66 && retried.errors.contains("several sets begin like that"))
    #expect(bench.run("prune", "--dry-run").output == "would delete 0 sets, 0 bytes\n")
    let after = try resident(daemon.process)
    #expect(after - before < 12 << 10, "\(before) kB before, \(after) kB after")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a list is narrowed by time, name and number, and sorted, newest last`() throws {
    func ids(_ arguments: String...) -> [String] {
      let run = BuiltProgram.run(["--config", bench.configuration, "list"] + arguments)
      #expect(run.status == 0, "\(run.errors)")
      return run.output.split(separator: "\n").filter { $0.hasPrefix("20") }.map { String($0.prefix(28)) }
    }
    let day = ids("--since", "2025-11-21", "--until", "2025-11-21")
    #expect(day == (0..<Self.count).filter { $0 % 3 == 1 }.map(Self.id).sorted())
    let newest = ids("--limit", "3", "--until", "2025-11-22T00:00:00Z")
    #expect(newest == (0..<Self.count).filter { $0 % 3 == 2 }.map(Self.id).sorted().suffix(3))
    #expect(ids("--name", "o?e", "--since", "1d").count == 1)
    #expect(ids("--name", "two").isEmpty)
    #expect(ids("--limit", "700").count == 700)
    for wrong in [["--since", "soon"], ["--limit", "0"], ["--limit", "x"], ["--name", "[a"]] {
      #expect(BuiltProgram.run(["--config", bench.configuration, "list"] + wrong).status == 64)
    }
  }
}
