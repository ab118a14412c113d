import Glibc
import HaploSimulator
import Testing

/// A spool on a file system that is mounted read-only, as after an error of the disk.
@Suite(.enabled(if: getuid() == 0, "only root may mount a file system")) struct ReadOnlySpoolTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test func `the daemon says so loudly before it has started, and status advises what to do`() throws {
    let spool = bench.directory + "/spool"
    try #require(bench.run("once").status == 0)
    try bench.dropFolder("first")
    // Mounted over itself: the folders stay, and the mount alone is read-only.
    try #require(mount(spool, spool, nil, UInt(MS_BIND), nil) == 0)
    defer { umount2(spool, Int32(MNT_DETACH)) }
    try #require(mount("", spool, nil, UInt(MS_BIND | MS_REMOUNT | MS_RDONLY), nil) == 0)
    let daemon = try bench.startDaemon()
    let before = daemon.transcript.split(separator: "\n").prefix { !$0.contains("has started") }
    let line = try #require(before.first { $0.contains("the spool is not writable") }, "\(before)")
    #expect(line.hasPrefix("<3>") && line.contains("'\(spool)': Read-only file system"), "\(line)")
    #expect(line.contains("remedy=\"mount its file system read-write"), "\(line)")
    let status = bench.run("status").output
    #expect(status.contains("Daemon   running") && status.contains("SPOOL NOT WRITABLE"), "\(status)")
    #expect(
      status.contains(
        "CRITICAL no sets are claimed: cannot write to '\(spool)': Read-only file system; mount"),
      "\(status)")
    let explained = bench.run("explain", bench.drop + "/first")
    #expect(explained.status == 65 && explained.output.contains("mounted read-only"), "\(explained.output)")
    try #require(mount("", spool, nil, UInt(MS_BIND | MS_REMOUNT), nil) == 0)
    // That ends the obstacle, without waiting for the next scan.
    #expect(bench.run("status").output.contains("warning  hr: 'first' cannot be picked up"))
    #expect(daemon.line(with: "state=archived") != nil, "\(daemon.transcript)")
  }
}
