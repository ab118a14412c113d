import Glibc
import HaploSimulator
import Testing

/// A daemon whose log nobody reads.
@Suite struct UnreadLogTests {
  @Test func `sets are delivered and SIGTERM ends the daemon though nobody reads the log`() async throws {
    let bench = try ProgramBench()
    let pipe = bench.directory + "/log"
    try #require(mkfifo(pipe, 0o600) == 0)
    let full = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    defer { close(full) }
    let block = [UInt8](repeating: 10, count: 4096)
    while write(full, block, block.count) > 0 {}
    // The test's own pipe stays open as descriptor 3, and shows when the daemon has ended.
    let daemon = RunningProgram(
      running: [
        "/bin/sh", "-c", "exec \"$0\" \"$@\" 3>&2 2> '\(pipe)'", BuiltProgram.path, "--config",
        bench.configuration, "run",
      ], environment: ["SYSTEMD_LOG_LEVEL=debug"])
    for number in 0..<8 { try bench.dropFolder("set-\(number)") }
    #expect(await bench.simulator.wait(atMost: .seconds(60)) { $0.jobs.count == 8 })
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  /// The daemon itself inherits the socket, so that it stays and nobody reads it.
  @Test(.enabled(if: getuid() == 0, "only root may put a socket in the journal's place"))
  func `sets are delivered and SIGTERM ends the daemon though the journal does not read`() async throws {
    let bench = try ProgramBench()
    let bind = """
      use Socket; $^F = 100; mkdir "/run/systemd"; mkdir "/run/systemd/journal"; socket(S, PF_UNIX, SOCK_DGRAM, 0);
      bind(S, sockaddr_un("/run/systemd/journal/socket")) or die $!;
      my @status = stat(STDERR); $ENV{"JOURNAL_STREAM"} = "$status[0]:$status[1]"; exec @ARGV
      """
    let daemon = RunningProgram(
      running: [
        "/usr/bin/unshare", "-m", "/bin/sh", "-c", "mount -t tmpfs t /run && exec perl -e \"$0\" \"$@\"",
        bind,
        BuiltProgram.path, "--config", bench.configuration, "run",
      ], environment: ["SYSTEMD_LOG_LEVEL=debug", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    // More lines than a socket's queue holds.
    for number in 0..<60 { try bench.dropFolder("set-\(number)") }
    #expect(await bench.simulator.wait(atMost: .seconds(60)) { $0.jobs.count == 60 }, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(!daemon.transcript.contains("set="), "the lines went to the journal")
  }
}
