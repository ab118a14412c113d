import Testing

/// The daemon where the system will no longer let it wait for events: without them it would notice no signal, no drop
/// and no caller.
@Suite struct UnableToWaitTests {
  @Test func `it ends with 74 and says why`() throws {
    let bench = try ProgramBench()
    let daemon = try bench.startDaemon()
    // poll(2) refuses more descriptors than may be open.
    let limit = BuiltProgram.run(["--pid", "\(daemon.process)", "--nofile=1:1"], program: "/usr/bin/prlimit")
    try #require(limit.status == 0, "\(limit.errors)")
    try bench.dropFolder("first")
    #expect(daemon.end() == 74, "\(daemon.transcript)")
    #expect(daemon.transcript.contains("cannot wait for events (poll of "), "\(daemon.transcript)")
  }
}
