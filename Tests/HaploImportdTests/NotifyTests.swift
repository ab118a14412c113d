import Glibc
import HaploSimulator
import Testing

/// What the service manager is told (sd_notify(3)), through a socket in its place.
@Suite struct NotifyTests {
  let bench: ProgramBench
  let manager: NotifySocket

  init() throws {
    bench = try ProgramBench()
    manager = NotifySocket(path: bench.directory + "/notify")
  }

  private func start(_ environment: String...) -> RunningProgram {
    RunningProgram(
      ["--config", bench.configuration, "run"],
      environment: ["NOTIFY_SOCKET=\(manager.path)", "SYSTEMD_LOG_LEVEL=debug"] + environment)
  }

  @Test func `READY comes after the first scan, with a status`() throws {
    let daemon = start()
    let ready = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    #expect(ready == ["READY=1", "STATUS=idle: no sets are waiting"])
    #expect(daemon.line(with: "has started") != nil)
    // It has been written before: no more needs to come for it to be found.
    #expect(daemon.transcript.contains(bench.drop))
  }

  /// Such as systemd after it has frozen, which takes nothing more and lets its services run.
  @Test func `a service manager that does not listen holds nothing up`() throws {
    manager.fill()
    let daemon = start("WATCHDOG_USEC=400000")
    for name in ["first", "second"] {
      try bench.dropFolder(name)
      #expect(daemon.line(with: "state=archived", within: .seconds(60)) != nil, "\(daemon.transcript)")
    }
    #expect(bench.run("status").output.contains("process \(daemon.process)"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `READY does not wait for the server`() throws {
    try bench.dropFolder("first")
    bench.simulator.stop()
    let daemon = start()
    #expect(manager.message(with: "READY=1") != nil, "\(daemon.transcript)")
  }

  @Test func `STATUS follows what is going on`() throws {
    try bench.simulator.add("any:503")
    let daemon = start()
    #expect(manager.message(with: "READY=1") != nil, "\(daemon.transcript)")
    try bench.dropFolder("first")
    #expect(manager.message(with: "STATUS=1 deferred") != nil, "\(daemon.transcript)")
    bench.simulator.clearFaults()
    #expect(manager.message(with: "STATUS=idle: no sets are waiting") != nil, "\(daemon.transcript)")
  }

  @Test func `STATUS names a set that awaits approval`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    let daemon = start()
    try bench.dropFolder("first")
    #expect(manager.message(with: "STATUS=1 awaiting-approval") != nil, "\(daemon.transcript)")
  }

  @Test func `STATUS says when nothing is sent`() throws {
    bench.simulator.revokeKey()
    try bench.dropFolder("first")
    let daemon = start()
    #expect(manager.message(with: "STATUS=delivery suspended (key-refused)") != nil, "\(daemon.transcript)")
  }

  @Test(arguments: [true, false])
  func `a reload is announced with its time, and READY comes again`(isGood: Bool) throws {
    let daemon = start()
    _ = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    if !isGood { try bench.configure(source: "Quiet=0") }
    let before = monotonicMicroseconds()
    daemon.signal(SIGHUP)
    let reloading = try #require(manager.message(with: "RELOADING=1"), "\(daemon.transcript)")
    let time = reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }.flatMap { Int64($0.dropFirst(15)) }
    #expect((before...monotonicMicroseconds()).contains(try #require(time)))
    #expect(manager.message(with: "READY=1") != nil, "\(daemon.transcript)")
  }

  @Test func `STOPPING comes at the end`() throws {
    let daemon = start()
    _ = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(manager.message(with: "STOPPING=1") != nil, "\(daemon.transcript)")
    #expect(daemon.end() == 0)
  }

  @Test func `an idle daemon is healthy: WATCHDOG comes twice as often as is asked for`() throws {
    let daemon = start("WATCHDOG_USEC=400000")
    _ = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    for _ in 0..<3 {
      #expect(manager.message(with: "WATCHDOG=1", within: .seconds(30)) != nil, "\(daemon.transcript)")
    }
  }

  @Test func `nobody asks for a watchdog, and none is heard`() throws {
    let daemon = start()
    _ = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(manager.count(of: "WATCHDOG=1") == 0)
  }

  @Test(.enabled(if: access("/usr/bin/strace", X_OK) == 0, "strace counts the system calls"))
  func `an idle daemon makes no system call`() throws {
    try bench.configure(source: "QuietSec=0\nRescanSec=infinity")
    let daemon = start()
    _ = try #require(manager.message(with: "READY=1"), "\(daemon.transcript)")
    try bench.dropFolder("first")
    _ = try #require(daemon.line(with: "state=archived"), "\(daemon.transcript)")
    _ = try #require(manager.message(with: "STATUS=idle"), "\(daemon.transcript)")
    // Idle connections are closed and waits of past work end meanwhile.
    #expect(daemon.isSilent(for: .seconds(2)))
    let calls = idleCalls(of: daemon)
    #expect(calls.isEmpty, "\(calls)")
    #expect(bench.run("status").status == 0)
  }

  /// The calls that a process makes in three seconds. The one that each thread waits in is not counted, for it was made
  /// before; nor is one that begins it again after strace has interrupted it.
  private func idleCalls(of daemon: RunningProgram) -> [String] {
    let output = bench.directory + "/calls"
    let strace = Tracer(of: daemon.process, output: output)
    #expect(strace.isAttached, "\(strace.transcript)")
    #expect(daemon.isSilent(for: .seconds(3)))
    #expect(strace.stop(), "\(strace.transcript)")
    return BuiltProgram.contents(of: output).split(separator: "\n").map(String.init).filter { line in
      !["resuming interrupted", "FUTEX_WAIT_BITSET", "<unfinished ...>", "<detached ...>", "strace:"]
        .contains(
          where: line.contains)
    }
  }

  private func monotonicMicroseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
  }
}
