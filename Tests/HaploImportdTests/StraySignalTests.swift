import Glibc
import HaploSimulator
import Testing

@Suite struct StraySignalTests {
  @Test func `signals that mean nothing to the daemon do not end it`() throws {
    let bench = try ProgramBench()
    let daemon = try bench.startDaemon()
    for signal in [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXFSZ, SIGPIPE, SIGIO, 34, 64] {
      daemon.signal(signal)
    }
    try bench.dropFolder("first")
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}
