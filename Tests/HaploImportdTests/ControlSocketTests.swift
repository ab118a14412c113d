import Glibc
import Testing

/// The control socket against callers of every kind.
@Suite struct ControlSocketTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  @Test(
    arguments: [
      ("nonsense\n", "nonsense"), ("{}\n", "no request"), (#"{"launch":{}}"# + "\n", "an unknown request"),
      ("\n", "an empty line"), ("", "nothing at all"), (#"{"status":"# + "\n", "half a request"),
      (#"{"show":{"prefix":17}}"# + "\n", "a wrong type"), ("\u{0}\u{1}\u{7f}\n", "control characters"),
      (String(repeating: "[", count: 60_000) + "\n", "deep nesting"),
    ])
  func `what is no request is told so, or hung up on, and does no harm`(text: String, why: String) throws {
    let daemon = try bench.startDaemon()
    let caller = RawCaller(bench.socket)
    caller.send(Array(text.utf8))
    caller.finish()
    let answer = try #require(caller.answer(), "\(why)")
    #expect(answer.isEmpty || answer.contains("is not understood"), "\(why): \(answer)")
    #expect(bench.run("status").status == 0)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a request without an end, and one that is too long, are hung up on`() throws {
    let daemon = try bench.startDaemon()
    let long = RawCaller(bench.socket)
    long.send([UInt8](repeating: UInt8(ascii: "x"), count: 70_000))
    for _ in 0..<4 { long.send([UInt8](repeating: UInt8(ascii: "x"), count: 70_000)) }
    #expect(long.answer() == "")
    let bytes = RawCaller(bench.socket)
    bytes.send([0xff, 0xfe, 0x00, 0x0a])
    #expect(bytes.answer()?.contains("is not understood") == true)
    #expect(bench.run("status").output.contains("process \(daemon.process)"))
  }

  @Test func `callers that are slow, silent or never read delay nobody`() throws {
    let daemon = try bench.startDaemon()
    let silent = (0..<3).map { _ in RawCaller(bench.socket) }
    let slow = (0..<2).map { _ in RawCaller(bench.socket) }
    for caller in slow { caller.send(Array("{\"sta".utf8)) }
    let deaf = (0..<40).map { _ in RawCaller(bench.socket) }
    for caller in deaf { caller.send(Array("{\"status\":{}}\n".utf8)) }
    let start = ContinuousClock.now
    #expect(bench.run("status").output.contains("process \(daemon.process)"))
    #expect(ContinuousClock.now - start < .seconds(4), "the request of a slow caller ends after five")
    #expect(silent.allSatisfy { $0.answer() == "" } && slow.allSatisfy { $0.answer() == "" })
    #expect(deaf.allSatisfy { $0.answer()?.isEmpty == false })
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a daemon is ended while somebody is connected`() throws {
    let daemon = try bench.startDaemon()
    let silent = RawCaller(bench.socket)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(silent.answer() == "")
  }

  @Test func `a daemon that listens and says nothing is given up, and what to look at is told`() throws {
    try #require(mkdir(bench.directory + "/run", 0o755) == 0)
    let silent = RudeListener(bench.socket)
    let commands = [
      ["status"], ["list"], ["show", "2"], ["explain", bench.drop + "/x"], ["retry", "2"], ["pause", "hr"],
    ]
    let callers = commands.map { RunningProgram(["--config", bench.configuration] + $0) }
    for (command, caller) in zip(commands, callers) {
      #expect(caller.end(within: .seconds(120)) == 69, "\(command): \(caller.transcript)")
      let words = caller.transcript
      #expect(
        words.contains("does not answer: it has said nothing for 30 s on '\(bench.socket)'"), "\(words)")
      #expect(words.contains("'systemctl status haplo-importd'"), "\(words)")
      #expect(
        words.contains("may be done all the same") == ["retry", "pause"].contains(command[0]), "\(words)")
    }
    withExtendedLifetime(silent) {}
  }

  @Test func `only owner and group may use it`() throws {
    let daemon = try bench.startDaemon()
    var status = stat()
    #expect(stat(bench.socket, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o660)
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test(
    .enabled(if: geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0, "root needs setpriv to be refused"))
  func `a socket that one may not use ends 77, and is named`() throws {
    let daemon = try bench.startDaemon()
    chmod(bench.socket, 0)
    let wrapper = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-all"] : []
    for command in [["status"], ["list"], ["show", "2"], ["explain", bench.drop + "/x"]] {
      let caller = RunningProgram(["--config", bench.configuration] + command, through: wrapper)
      #expect(caller.end() == 77, "\(command): \(caller.transcript)")
      #expect(caller.transcript.contains("'\(bench.socket)': Permission denied"), "\(caller.transcript)")
      #expect(caller.transcript.contains("group haplo-importd-admin"), "\(caller.transcript)")
    }
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }
}
