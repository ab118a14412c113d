import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// What stands before the server: docs/server.md, "Other answers", last row.
@Suite struct ProxyContractTests {
  let bench: ContractBench

  init() throws { bench = try ContractBench() }

  @Test func `413 rejects a file, and no other request`() async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(Fault(.fail(413, at: .headers), at: nil))
    let file = try await bench.ask(.file(batch: batch, key: "data0", try bench.largeUpload(16 << 20)))
    #expect(file.answer?.status == 413)
    #expect(file.meaning == .reject)
    let control = try bench.upload(ContractBench.control)
    #expect(try await bench.ask(.control(control, comment: nil)).meaning == .reject)
    #expect(try await bench.ask(.batch(control: control.digest, comment: nil)).meaning == .foreign)
    #expect(try await bench.ask(.schedule(batch: batch, mode: .import)).meaning == .foreign)
  }

  @Test(arguments: [429, 502, 503, 504])
  func `others are tried again, after all but 429 a whole file with a new batch`(status: Int) async throws {
    let batch = try await bench.newBatch()
    bench.simulator.add(Fault(.fail(status, retryAfter: "7"), at: nil))
    let control = try bench.upload(ContractBench.control)
    for kind in [
      ServerRequest.Kind.control(control, comment: nil), .batch(control: control.digest, comment: nil),
      .schedule(batch: batch, mode: .import),
    ] {
      let reply = try await bench.ask(kind)
      #expect(reply.answer?.status == status)
      guard case .again(_, after: .seconds(7)) = reply.verdict else {
        Issue.record("\(reply.verdict)")
        continue
      }
    }
    let file = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(file.sent == .whole)
    switch file.verdict {
    case .newBatch(_, after: .seconds(7)): #expect(status != 429)
    case .again(_, after: .seconds(7)): #expect(status == 429)
    default: Issue.record("\(file.verdict)")
    }
  }

  @Test(
    arguments: [
      ("7", 7), ("0", 0), ("86401", 86_400), ("99999999999999999999", 86_400),
      ("Tue, 24 Nov 2026 07:06:12 GMT", 60), ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400),
      ("Thu, 01 Jan 1970 00:00:00 GMT", nil), ("-5", nil), ("soon", nil), ("1.5", nil),
    ] as [(String, Int64?)])
  func `Retry-After counts where it makes sense`(text: String, seconds: Int64?) async throws {
    bench.simulator.add(Fault(.fail(503, retryAfter: text), at: .batch))
    let client = try bench.client(time: ManualTime("2026-11-24T07:05:12Z"))
    let reply = try await bench.ask(.batch(control: .ofNothing, comment: nil), client)
    guard case .again(_, let after) = reply.verdict else { return #expect(Bool(false), "\(reply.verdict)") }
    #expect(after == seconds.map { .seconds($0) })
    // Whatever was asked for, the wait stays between a second and ten minutes.
    let delay = Backoff.delay(failures: 1, random: 0.5, serverAsks: after)
    #expect((Duration.seconds(1)...Duration.seconds(600)).contains(delay))
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func `no redirection is followed, with body and key least of all`(status: Int) async throws {
    let elsewhere = try ContractBench()
    let batch = try await bench.newBatch()
    let target = elsewhere.simulator.url + "/api/haplo-data-import-batch/file"
    bench.simulator.add(Fault(.redirect(to: target, status: status), at: .file))
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(reply.answer?.status == status)
    #expect(reply.meaning == .foreign)
    #expect(elsewhere.simulator.record.requestCount == 0)
  }
}
