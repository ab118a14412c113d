import Glibc
import Testing

/// True where a user namespace can be had, with limits of its own.
private let mayLimitInotify =
  BuiltProgram.run(
    ["-Ur", "/bin/sh", "-c", "echo 0 >/proc/sys/user/max_inotify_instances"], program: "/usr/bin/unshare"
  ).status == 0

/// Limits of inotify(7), which a user namespace has for itself: the daemon polls, says what to raise, and goes back to
/// watching by itself.
@Suite(.enabled(if: mayLimitInotify, "no user namespaces here, or no limits in them"))
struct WatchLimitTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench(source: "QuietSec=0\nRescanSec=1s") }

  /// Starts the daemon with a limit, which is lifted when something is written to the pipe `lift`.
  private func start(_ limit: String, _ number: Int) -> RunningProgram {
    mkfifo(bench.directory + "/lift", 0o600)
    let file = "/proc/sys/user/\(limit)"
    let script = """
      echo \(number) >\(file)
      (read x <'\(bench.directory)/lift'; echo 1000 >\(file)) 2>/dev/null &
      exec '\(BuiltProgram.path)' --config '\(bench.configuration)' run
      """
    return RunningProgram(
      running: ["/usr/bin/unshare", "-Ur", "/bin/sh", "-c", script], environment: ["SYSTEMD_LOG_LEVEL=info"])
  }

  private func lift() {
    let pipe = open(bench.directory + "/lift", O_WRONLY | O_CLOEXEC)
    _ = write(pipe, "x\n", 2)
    close(pipe)
  }

  @Test func `without a watch list it polls, and watches when there is one`() throws {
    let daemon = start("max_inotify_instances", 0)
    let line = try #require(daemon.line(with: "polled every 1 s"), "\(daemon.transcript)")
    #expect(line.hasPrefix("<4>") && line.contains("raise fs.inotify.max_user_instances"), "\(line)")
    try bench.dropFolder("first")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    #expect(bench.run("status").output.contains("polled (cannot watch directories: Too many open files"))
    lift()
    #expect(daemon.line(with: "drop directory watched") != nil, "\(daemon.transcript)")
    #expect(bench.run("status").output.contains(", watched"))
  }

  @Test func `with too few watches for the folders it polls, and watches when there are enough`() throws {
    try bench.dropFolder("half", data: [:])
    let daemon = start("max_inotify_watches", 1)
    let line = try #require(daemon.line(with: "polled every 1 s"), "\(daemon.transcript)")
    #expect(line.hasPrefix("<4>") && line.contains("raise fs.inotify.max_user_watches"), "\(line)")
    try bench.write("data0.json", "[]")
    try #require(rename(bench.directory + "/data0.json", bench.drop + "/half/data0.json") == 0)
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    lift()
    #expect(daemon.line(with: "drop directory watched") != nil, "\(daemon.transcript)")
    #expect(daemon.transcript.split(separator: "\n").count { $0.contains("polled every") } == 1)
  }
}
