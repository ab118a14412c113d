import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Metrics, as the program writes them for node_exporter.
@Suite struct MetricsFileTests {
  let bench: ProgramBench
  var path: String { bench.directory + "/metrics/haplo.prom" }
  private var daemonKeys: String { "[Daemon]\nMetricsFile=\(path)" }

  init() throws {
    bench = try ProgramBench()
    try FileManager.default.createDirectory(
      atPath: bench.directory + "/metrics", withIntermediateDirectories: true)
  }

  private func metrics() -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Waits until the file says so; what it said last otherwise.
  private func says(_ line: String) -> String? {
    let deadline = ContinuousClock.now + .seconds(60)
    while !metrics().contains("\n\(line)\n") {
      guard ContinuousClock.now < deadline else { return metrics() }
      usleep(20_000)
    }
    return nil
  }

  @Test func `a daemon keeps them up to date, and leaves them when it ends`() throws {
    try bench.configure(rest: daemonKeys)
    let daemon = try bench.startDaemon()
    #expect(says("haplo_importd_running 1") == nil)
    try bench.dropFolder("good")
    try bench.dropFolder("bad", control: "{}")
    #expect(says(#"haplo_importd_attempts_total{source="hr",result="rejected"} 1"#) == nil)
    #expect(says(#"haplo_importd_attempts_total{source="hr",result="scheduled"} 1"#) == nil)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(metrics().contains("\nhaplo_importd_running 0\n") && metrics().hasSuffix("\n# EOF\n"))
  }

  @Test func `a reload puts another file in force, and the old one goes`() throws {
    try bench.configure(rest: daemonKeys)
    let daemon = try bench.startDaemon()
    #expect(says("haplo_importd_running 1") == nil)
    try bench.configure()
    daemon.signal(SIGHUP)
    #expect(daemon.line(with: "is in force") != nil, "\(daemon.transcript)")
    let deadline = ContinuousClock.now + .seconds(60)
    while access(path, F_OK) == 0, ContinuousClock.now < deadline { usleep(20_000) }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `once leaves them too`() throws {
    try bench.configure(rest: daemonKeys)
    try bench.dropFolder("good")
    #expect(bench.run("once").status == 0)
    #expect(metrics().contains("\nhaplo_importd_running 0\n"))
    #expect(metrics().contains(#"haplo_importd_attempts_total{source="hr",result="scheduled"} 1"#))
  }

  @Test func `a directory that is not there is one warning, and sets are delivered`() throws {
    try bench.configure(rest: "[Daemon]\nMetricsFile=\(bench.directory)/nowhere/haplo.prom")
    let daemon = try bench.startDaemon()
    let line = try #require(daemon.line(with: "metrics cannot be written"))
    #expect(line.hasPrefix("<4>") && line.contains("No such file or directory"), "\(line)")
    try bench.dropFolder("good")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(daemon.transcript.split(separator: "\n").count { $0.contains("metrics cannot be written") } == 1)
  }

  @Test(
    .enabled(if: system("command -v promtool >/dev/null") == 0, "promtool (package prometheus) is not here"))
  func `promtool finds nothing wrong with the file`() throws {
    try bench.configure(rest: daemonKeys)
    try bench.dropFolder("bad", control: "{}")
    _ = bench.run("once")
    let check = RunningProgram(running: ["/bin/sh", "-c", "promtool check metrics <'\(path)' >&2"])
    #expect(check.end() == 0, "\(check.transcript)")
    #expect(check.transcript == "")
  }
}
