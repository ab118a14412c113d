import Glibc
import HaploSimulator
import Testing

/// A daemon whose standard error is a pipe that is full and that nobody reads.
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
}
