import Glibc
import HaploSimulator
import Testing

@testable import struct HaploSimulator.JSONReader

@Suite struct ProgramTests {
  private let scratch = Scratch()
  private var output: String { scratch.path + "/output" }

  /// The program, which is built beside the tests.
  private var path: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      + "/haplo-simulator"
  }

  private func program(_ arguments: [String]) throws -> Program {
    try write("# no key\n\(goodKey)\n", to: scratch.path + "/key")
    return Program(path, arguments, output: output)
  }

  @Test func `it says where it listens, and ends cleanly when told`() throws {
    let program = try program([
      "--port", "0", "--port-file", scratch.path + "/port", "--api-key-file", scratch.path + "/key",
      "--record",
      scratch.path + "/record", "--fault", "batch:503:nth=2", "--keep-files", scratch.path + "/kept",
    ])
    let port = try #require(UInt16(lineOnceThere(scratch.path + "/port")))
    #expect(
      lineOnceThere(output) == "haplo-simulator: listening on http://127.0.0.1:\(port)")
    let request = RawRequest.form(.batch, "control=x")
    for status in [400, 503, 400] {
      let connection = try RawConnection(port: port)
      connection.send(Array(request.head.utf8) + request.body)
      #expect(connection.answer()?.status == status)
    }
    program.signal(SIGTERM)
    #expect(program.wait() == 0)
    #expect(read(scratch.path + "/record")?.split(separator: "\n").count == 3)
  }

  @Test func `a line for which the disk has no place leaves no half of itself`() throws {
    try write("\(goodKey)\n", to: scratch.path + "/key")
    let record = scratch.path + "/record"
    let limited = "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""  // 1024 bytes
    let program = Program(
      "/bin/sh",
      ["-c", limited, path, "--port-file", scratch.path + "/port", "--api-key-file", scratch.path + "/key"]
        + ["--record", record], output: output)
    let port = try #require(UInt16(lineOnceThere(scratch.path + "/port")))
    let request = RawRequest.form(.batch, "control=x")
    for _ in 0..<6 {
      let connection = try RawConnection(port: port)
      connection.send(Array(request.head.utf8) + request.body)
      #expect(connection.answer()?.status == 400)
    }
    program.signal(SIGTERM)
    #expect(program.wait() == 0)
    #expect(program.text.contains("cannot write to \(record): File too large"))
    let text = try #require(read(record))
    #expect(text.hasSuffix("\n"))
    let lines = text.split(separator: "\n")
    #expect((1..<6).contains(lines.count))
    #expect(lines.allSatisfy { JSONReader.parse(Array($0.utf8)) != nil })
  }

  @Test func `a key file of its own opens the pages, and a job takes the time that is asked for`() throws {
    try write("\(outcomeKey)\n", to: scratch.path + "/outcome-key")
    let program = try program([
      "--port-file", scratch.path + "/port", "--api-key-file", scratch.path + "/key", "--outcome-key-file",
      scratch.path + "/outcome-key", "--job-time", "0",
    ])
    let port = try #require(UInt16(lineOnceThere(scratch.path + "/port")))
    let connection = try RawConnection(port: port)
    connection.send(RawRequest.page("batches").head)
    #expect(connection.answer()?.body.contains("<p>Batches: 0</p>") == true)
    program.signal(SIGTERM)
    #expect(program.wait() == 0)
  }

  @Test(arguments: [
    (["--help"], 0, "Usage: haplo-simulator"), (["--version"], 0, "haplo-simulator "),
    ([], 64, "--api-key-file is missing"), (["--job-time", "soon"], 64, "--job-time: 'soon' is not a time"),
    (
      ["--api-key-file", "KEY", "--outcome-key-file", "/nonexistent/o"], 66,
      "cannot read '/nonexistent/o': No such file or directory"
    ), (["--what"], 64, "unknown or unclear option '--what'"),
    (["--port"], 64, "option '--port' needs an argument"),
    (["word"], 64, "'word' is not an option"),
    (["--port", "70000"], 64, "--port: '70000' is not a port from 0 to 65535"),
    (["--fault", "file:fly"], 64, "--fault: 'fly' is not a kind of fault"),
    (["--latency", "soon"], 64, "--latency: 'soon' is not a time"),
    (
      ["--api-key-file", "/nonexistent/key"], 66, "cannot read '/nonexistent/key': No such file or directory"
    ),
    (["--api-key-file", "KEY", "--tls-key", "k"], 64, "--tls-certificate and --tls-key go together"),
    (["--api-key-file", "KEY", "--record", "/nonexistent/r"], 73, "cannot use '/nonexistent/r'"),
    (["--api-key-file", "KEY", "--port-file", "/nonexistent/p"], 73, "cannot create '/nonexistent/p'"),
  ])
  func `what it cannot do it explains, with a status of sysexits`(words: [String], status: Int, text: String)
    throws
  {
    let program = try program(words.map { $0 == "KEY" ? scratch.path + "/key" : $0 })
    #expect(program.wait() == Int32(status))
    #expect(program.text.contains(text))
  }

  /// The first line of a file, once it is there whole; empty after 20 s.
  private func lineOnceThere(_ path: String) -> String {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if let text = read(path), text.hasSuffix("\n") { return String(text.dropLast()) }
      sched_yield()
    }
    return ""
  }
}
