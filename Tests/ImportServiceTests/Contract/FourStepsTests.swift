import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// docs/server.md, "The four steps".
@Suite struct FourStepsTests {
  let bench: ContractBench

  init() throws { bench = try ContractBench() }

  @Test func `control returns the digest of the file`() async throws {
    let file = try bench.upload(ContractBench.control, name: "control.json")
    let reply = try await bench.ask(.control(file, comment: "hr export é"))
    #expect(
      reply.exchange
        == .answered(Answer(status: 200, mediaType: "text/plain", body: file.digest.hex), sent: .whole))
    #expect(reply.verdict == .done(text: file.digest.hex))
    #expect(bench.simulator.record.controls.map(\.comment) == ["hr export é"])
  }

  @Test func `batch returns an identifier of 44 characters`() async throws {
    let file = try bench.upload(ContractBench.control)
    _ = try await bench.ask(.control(file, comment: nil))
    let reply = try await bench.ask(.batch(control: file.digest, comment: "a&b=c;d+e% ü"))
    let answer = try #require(reply.answer)
    #expect(answer.status == 200 && answer.mediaType == "text/plain" && answer.body.utf8.count == 44)
    #expect(reply.verdict == .done(text: answer.body))
    #expect(bench.simulator.record.batch(answer.body)?.comment == "a&b=c;d+e% ü")
  }

  @Test func `file returns the digest, and the batch has it under its key`() async throws {
    let batch = try await bench.newBatch()
    let file = try bench.upload("[{\"id\": 1}]\n")
    let reply = try await bench.ask(.file(batch: batch, key: "data0", file))
    #expect(reply.answer?.body == file.digest.hex)
    #expect(reply.verdict == .done(text: file.digest.hex))
    let kept = try #require(bench.simulator.record.batch(batch.text)).files
    #expect(kept.map(\.name) == ["data0"] && kept.map(\.filename) == ["data.json"])
    #expect(kept.map(\.digest) == [file.digest.hex] && kept.map(\.size) == [file.size])
  }

  @Test(arguments: [(ImportMode.dryRun, "dry-run"), (.import, nil)] as [(ImportMode, String?)])
  func `schedule says so, and only dry-run is none`(mode: ImportMode, sent: String?) async throws {
    let batch = try await bench.newBatch()
    let reply = try await bench.ask(.schedule(batch: batch, mode: mode))
    #expect(
      reply.exchange
        == .answered(Answer(status: 200, mediaType: "text/plain", body: "SCHEDULED"), sent: .whole))
    #expect(reply.verdict == .done(text: "SCHEDULED"))
    #expect(bench.simulator.record.jobs.map(\.isDryRun) == [mode == .dryRun])
    #expect(bench.simulator.record.jobs.map(\.mode) == [sent])
  }

  @Test func `control can be skipped when the server has the digest`() async throws {
    _ = try await bench.newBatch()
    let digest = try bench.upload(ContractBench.control).digest
    #expect(try await bench.ask(.batch(control: digest, comment: nil)).meaning == .done)
    bench.simulator.forgetControls()
    #expect(try await bench.ask(.batch(control: digest, comment: nil)).meaning == .controlMissing)
  }

  @Test(arguments: ["", "Dry-Run", "dry_run", "dry-run "])
  func `any other mode is a real import`(mode: String) async throws {
    let batch = try await bench.newBatch()
    let reply = try await bench.post(
      .form([("batch", batch.text), ("mode", mode)]), asking: .schedule(batch))
    #expect(reply.meaning == .done)
    #expect(bench.simulator.record.jobs.map(\.isDryRun) == [false])
  }

  @Test func `jobs run in the order of the schedule calls, not of the batches`() async throws {
    let batches = [try await bench.newBatch(), try await bench.newBatch(), try await bench.newBatch()]
    for index in [2, 0, 1] { _ = try await bench.ask(.schedule(batch: batches[index], mode: .import)) }
    #expect(bench.simulator.record.jobs.map(\.batch) == [2, 0, 1].map { batches[$0].text })
  }
}
