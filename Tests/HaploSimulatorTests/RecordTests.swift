import Glibc
import HaploSimulator
import Testing

@testable import struct HaploSimulator.JSONReader
@testable import enum HaploSimulator.JSONValue

/// A directory that is gone after the test.
final class Scratch {
  let path: String

  init() {
    var template = Array("/tmp/haplo-simulator-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit { _ = run("/bin/rm", ["-rf", path]) }
}

@Suite struct RecordTests {
  private let scratch = Scratch()

  @Test func `the record file has every event in order, one object a line`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.recordPath = scratch.path + "/record"
    options.jobTime = .seconds(3600)
    let simulator = try Simulator(options)
    let batch = try simulator.newBatch()
    _ = try simulator.upload("abc", to: batch)
    try simulator.add("schedule:drop:nth=1")
    _ = try simulator.schedule(batch, mode: "dry-run")
    let lines = try #require(read(scratch.path + "/record")).split(separator: "\n")
    let values = lines.compactMap { JSONReader.parse(Array($0.utf8)) }
    #expect(values.count == lines.count)
    #expect(
      values.map { $0["event"]?.scriptText } == [
        "control", "request", "batch", "request", "file", "request", "scheduled", "started", "request",
      ])
    let last = try #require(values.last)
    #expect(last["status"] == .null)
    #expect(last["faults"] == .array(["schedule:drop:nth=1"]))
    #expect(values[6]["mode"] == "dry-run")
    #expect(values[6]["batch"] == .string(batch))
  }

  @Test func `a record file is continued by the next simulator`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.recordPath = scratch.path + "/record"
    for _ in 0..<2 {
      let simulator = try Simulator(options)
      _ = try simulator.send(.form(.batch, "control=x"))
    }
    #expect(read(scratch.path + "/record")?.split(separator: "\n").count == 2)
  }

  @Test func `the half line that a killed simulator left is cut off`() throws {
    try write("{\"event\":\"batch\"}\n{\"event\":\"fi", to: scratch.path + "/record")
    var options = SimulatorOptions(apiKey: goodKey)
    options.recordPath = scratch.path + "/record"
    let simulator = try Simulator(options)
    _ = try simulator.send(.form(.batch, "control=x"))
    let lines = try #require(read(scratch.path + "/record")).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { JSONReader.parse(Array($0.utf8)) != nil })
  }

  @Test func `a record file that cannot be written is an error`() {
    var options = SimulatorOptions(apiKey: goodKey)
    options.recordPath = scratch.path + "/no/record"
    #expect(throws: SimulatorError.file(path: scratch.path + "/no/record", errno: ENOENT)) {
      try Simulator(options)
    }
  }

  @Test func `uploads are kept byte for byte under their digest`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.keepDirectory = scratch.path
    let simulator = try Simulator(options)
    let batch = try simulator.newBatch()
    _ = try simulator.upload("abc", to: batch)
    let record = simulator.record
    #expect(read("\(scratch.path)/\(record.controls[0].digest)") == goodControl)
    #expect(read("\(scratch.path)/\(record.batches[0].files[0].digest)") == "abc")
  }

  @Test func `the record over HTTP has batches, jobs, counts and orphans`() throws {
    let simulator = try Simulator(apiKey: goodKey)
    let (one, two) = (try simulator.newBatch(), try simulator.newBatch())
    _ = try simulator.schedule(two)
    let answer = try #require(try simulator.admin("GET", "record"))
    #expect(answer.headers["content-type"] == "application/json")
    let record = try #require(JSONReader.parse(Array(answer.body.utf8)))
    #expect(record["orphans"] == .array([.string(one)]))
    #expect(record["requests"]?["schedule"] == .number(1))
    guard case .array(let batches)? = record["batches"] else { throw RawError(call: "batches", errno: 0) }
    #expect(batches.map { $0["scheduled"] } == [.bool(false), .bool(true)])
  }

  @Test func `a port that is taken is an error, and free again after stop`() throws {
    let first = try simulatorOnFreePort()
    var options = SimulatorOptions(apiKey: goodKey)
    options.port = first.port
    #expect(throws: SimulatorError.cannotListen(port: first.port, errno: EADDRINUSE)) {
      try Simulator(options)
    }
    first.stop()
    first.stop()
    let second = try simulator(options)
    #expect(try second.send(.form(.batch, "control=x"))?.status == 400)
  }

  /// Below the ports that the kernel hands out, or another test could take it between stop and start.
  private func simulatorOnFreePort() throws -> Simulator {
    var options = SimulatorOptions(apiKey: goodKey)
    for port in (20_000..<30_000).shuffled() {
      options.port = UInt16(port)
      if let simulator = try? Simulator(options) { return simulator }
    }
    throw RawError(call: "bind", errno: EADDRINUSE)
  }

  /// A child that another test is starting holds the old socket up to its exec: asks again for 20 s.
  private func simulator(_ options: SimulatorOptions) throws -> Simulator {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if let simulator = try? Simulator(options) { return simulator }
      sched_yield()
    }
    return try Simulator(options)
  }

  @Test func `waiting ends with the condition, and without it after the limit`() async throws {
    let simulator = try Simulator(apiKey: goodKey)
    #expect(await simulator.wait(atMost: .milliseconds(10)) { $0.requestCount == 1 } == false)
    _ = try simulator.send(.form(.batch, "control=x"))
    #expect(await simulator.wait { $0.requestCount == 1 })
  }
}

/// The whole text of a file.
func read(_ path: String) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 * 1024)
  while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
  return String(decoding: bytes, as: UTF8.self)
}
