import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// docs/server.md, "What the server does not check": each answer here is a success.
@Suite struct UncheckedTests {
  let bench: ContractBench

  init() throws { bench = try ContractBench { $0.listDelay = .milliseconds(50) } }

  @Test func `a batch without its files is scheduled all the same`() async throws {
    let batch = try await bench.newBatch()
    #expect(try await bench.ask(.schedule(batch: batch, mode: .import)).meaning == .done)
    #expect(bench.simulator.record.jobs.map(\.files) == [[]])
  }

  @Test func `a file after schedule gets its digest, and the job does not have it`() async throws {
    let batch = try await bench.newBatch()
    _ = try await bench.ask(.schedule(batch: batch, mode: .import))
    let reply = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload("[]")))
    #expect(reply.meaning == .done)
    #expect(bench.simulator.record.jobs.map(\.files) == [[]])
    #expect(bench.simulator.record.batch(batch.text)?.late.map(\.name) == ["data0"])
  }

  @Test(arguments: ["", "{", "\u{FEFF}[]", "id\tname\n1\tx\n"])
  func `what is in a data file is not looked at`(content: String) async throws {
    let batch = try await bench.newBatch()
    #expect(
      try await bench.ask(.file(batch: batch, key: "data0", try bench.upload(content))).meaning == .done)
  }

  @Test func `of eight files sent at once some are lost, though every answer is their digest`() async throws {
    let batch = try await bench.newBatch()
    let client = try bench.client()
    let meanings = try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask { [bench] in
          try await bench.ask(.file(batch: batch, key: "k\(number)", try bench.upload("\(number)")), client)
            .meaning
        }
      }
      return try await group.reduce(into: [Meaning]()) { $0.append($1) }
    }
    #expect(meanings == Array(repeating: .done, count: 8))
    #expect(try #require(bench.simulator.record.batch(batch.text)).uploads.count == 8)
    #expect(try #require(bench.simulator.record.batch(batch.text)).files.count < 8)
  }

  @Test func `sent one at a time, as the daemon does, none is lost`() async throws {
    let batch = try await bench.newBatch()
    let client = try bench.client()
    for number in 0..<8 {
      _ = try await bench.ask(.file(batch: batch, key: "k\(number)", try bench.upload("\(number)")), client)
    }
    #expect(bench.simulator.record.batch(batch.text)?.files.map(\.name) == (0..<8).map { "k\($0)" })
  }

  @Test func `different batches do not disturb each other`() async throws {
    let client = try bench.client()
    var batches: [BatchID] = []
    for _ in 0..<8 { batches.append(try await bench.newBatch(client)) }
    try await withThrowingDiscardingTaskGroup { group in
      for batch in batches {
        group.addTask { [bench] in
          for key in ["a", "b"] {
            _ = try await bench.ask(.file(batch: batch, key: key, try bench.upload(key)), client)
          }
        }
      }
    }
    for batch in batches {
      #expect(bench.simulator.record.batch(batch.text)?.files.map(\.name) == ["a", "b"])
    }
  }

  @Test func `of two files with one name the later is imported`() async throws {
    let batch = try await bench.newBatch()
    for text in ["[1]", "[2]"] {
      _ = try await bench.ask(.file(batch: batch, key: "data0", try bench.upload(text)))
    }
    _ = try await bench.ask(.schedule(batch: batch, mode: .import))
    let job = try #require(bench.simulator.record.jobs.first)
    #expect(job.files.count == 2)
    #expect(job.data["data0"]?.digest == (try bench.upload("[2]")).digest.hex)
  }
}
