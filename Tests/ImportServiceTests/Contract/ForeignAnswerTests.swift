import HaploAPI
import ImportCore
import ImportService
import ImportSystem
import ScriptedServer
import Testing

/// docs/server.md, "Other answers": what is not recognisably the server's own says nothing about a set or a key.
@Suite struct ForeignAnswerTests {
  @Test(arguments: ForeignAnswerRow.all)
  func `no answer of a proxy, gateway or firewall rejects a set or asks for a new key`(row: ForeignAnswerRow)
    async throws
  {
    let server = ScriptedServer([[.readRequest, .sendBytes(row.bytes)]])
    let client = HaploClient(
      url: "http://127.0.0.1:\(server.port)",
      engine: try TransferEngine(
        TransferOptions(credentials: .init(user: "haplo", password: ContractBench.key))))
    let bench = try ContractBench()
    for kind in try kinds(bench) {
      let reply = try await bench.ask(kind, client)
      let step = ServerRequest(kind).question.step
      #expect(reply.answer?.status == row.status, "\(reply.failure ?? "")")
      #expect(reply.meaning == expected(row.status, step), "\(step)")
      let reason = try #require(reply.reason)
      #expect(reason.text.utf8.count < 1000)
      #expect(reason.remedy?.contains("valid key") != true, "\(reason)")
      let isNamed = row.status == 413 || !row.body.starts(with: [0x1f, 0x8b]) || reason.text.contains("gzip")
      #expect(isNamed, "\(reason.text)")
    }
    #expect(server.requests.allSatisfy { $0.head.lowercased().contains("\r\ncontent-length: ") })
  }

  private func kinds(_ bench: ContractBench) throws -> [ServerRequest.Kind] {
    let file = try bench.upload(ContractBench.control)
    return [
      .control(file, comment: nil), .batch(control: file.digest, comment: nil),
      .file(batch: AnswerRow.batch, key: "data0", file), .schedule(batch: AnswerRow.batch, mode: .import),
    ]
  }

  private func expected(_ status: Int, _ step: ServerStep) -> Meaning {
    switch status {
    case 413: step == .control || step == .file ? .reject : .foreign
    case 429: .again
    case 500...: step == .file ? .newBatch : .again
    default: .foreign
    }
  }
}
