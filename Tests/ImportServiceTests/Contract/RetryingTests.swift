import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// docs/server.md, "What retrying does": each step sent twice, and each with its reply lost.
@Suite struct RetryingTests {
  let bench: ContractBench

  init() throws { bench = try ContractBench() }

  @Test func `control sent twice gives the same digest`() async throws {
    let file = try bench.upload(ContractBench.control)
    for _ in 0..<2 {
      #expect(try await bench.ask(.control(file, comment: nil)).verdict == .done(text: file.digest.hex))
    }
    #expect(bench.simulator.record.controls.map(\.uploads) == [2])
  }

  @Test func `batch sent twice leaves an orphan`() async throws {
    let first = try await bench.newBatch()
    let second = try await bench.newBatch()
    #expect(first != second)
    _ = try await bench.ask(.schedule(batch: second, mode: .import))
    #expect(bench.simulator.record.orphans.map(\.id) == [first.text])
  }

  @Test func `file sent twice is there twice`() async throws {
    let batch = try await bench.newBatch()
    for _ in 0..<2 { _ = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]"))) }
    let files = try #require(bench.simulator.record.batch(batch.text)?.files)
    #expect(files.count == 2 && files[0] == files[1])
  }

  @Test func `schedule sent twice is one job, and both answers mean that it is scheduled`() async throws {
    let batch = try await bench.newBatch()
    #expect(try await bench.ask(.schedule(batch: batch, mode: .import)).meaning == .done)
    let reply = try await bench.ask(.schedule(batch: batch, mode: .import))
    #expect(reply.answer?.status == 400)
    #expect(reply.answer?.body == "Batch \(batch) is not in the 'uploading' state")
    #expect(reply.meaning == .alreadyScheduled)
    #expect(bench.simulator.record.jobs.count == 1)
  }

  @Test(arguments: [Step.control, .batch, .schedule])
  func `without an answer, all but file are repeated as they are`(step: Step) async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(Fault(.drop, at: step, nth: 1))
    let control = try bench.upload(ContractBench.control)
    let kind: ServerRequest.Kind =
      switch step {
      case .control: .control(control, comment: nil)
      case .batch: .batch(control: control.digest, comment: nil)
      default: .schedule(batch: batch, mode: .import)
      }
    let lost = try await bench.ask(kind)
    #expect(lost.failure != nil && lost.sent == .whole)
    #expect(lost.meaning == .again)
    #expect(try await bench.ask(kind).meaning == (step == .schedule ? .alreadyScheduled : .done))
    #expect(bench.simulator.record.jobs.count == (step == .schedule ? 1 : 0))
  }

  @Test(
    arguments: [
      ("file:drop", "the connection is reset"), ("file:stall:at=end", "no answer comes in time"),
      ("file:proxy:status=502", "a proxy's 502"), ("file:proxy:status=504", "a proxy's 504"),
      ("file:half", "half an answer"), ("file:html", "a page with status 200"),
    ])
  func `a file that was sent whole and has no answer costs its batch`(fault: String, why: String) async throws
  {
    let batch = try await bench.newBatch()
    try bench.simulator.add(fault)
    let patience: Duration = fault.contains("stall") ? .milliseconds(300) : .seconds(60)
    let client = try bench.client { $0.replyTimeout = patience }
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")), client)
    #expect(reply.sent == .whole, "\(why)")
    switch reply.verdict {
    case .newBatch: break
    case .foreign(let foreign): #expect(fault == "file:html" && foreign.batchLost)
    default: Issue.record("\(why): \(reply.verdict)")
    }
  }

  @Test func `a file that was cut before its end goes to the same batch again`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(Fault(.cut(after: 1 << 20), at: .file))
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.largeUpload(64 << 20)))
    #expect(reply.sent == .part)
    #expect(reply.meaning == .again)
    #expect(bench.simulator.record.batch(batch.text)?.uploads.isEmpty == true)
  }

  @Test func `a refused connection has sent nothing`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.stop()
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(reply.failure?.contains("connection refused") == true)
    #expect(reply.sent == .nothing)
    #expect(reply.meaning == .again)
  }

  @Test func `the server's own failure goes to the same batch again`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(
      Fault(.fail(500, body: "<html><body><h1>Internal server error</h1></body></html>"), at: .file))
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(reply.answer?.status == 500 && reply.sent == .whole)
    #expect(reply.meaning == .again)
  }

  @Test func `another digest costs the batch`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(Fault(.wrongDigest, at: .file))
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(reply.meaning == .wrongDigest)
    #expect(reply.reason?.text.contains("returned the digest") == true)
  }

  @Test func `a batch that the server has lost is for a person to decide`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.forgetBatches()
    let file = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(file.answer?.body == "Batch not found: \(batch)")
    #expect(file.meaning == .batchGone)
    let schedule = try await bench.ask(.schedule(batch: batch, mode: .import))
    #expect(schedule.answer?.body == "Batch not found: \(batch)")
    #expect(schedule.meaning == .hold)
    #expect(schedule.reason?.remedy?.contains("backup") == true)
  }
}
