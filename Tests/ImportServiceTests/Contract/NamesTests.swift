import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// What names and comments survive the way: docs/server.md, "Names and text".
@Suite struct NamesTests {
  let bench: ContractBench

  init() throws { bench = try ContractBench() }

  @Test(
    arguments: [
      ("data.json", "data.json"), ("a b;c,d=e.tsv", "a b;c,d=e.tsv"), ("Müller 日本 🙂.xml", "Müller 日本 🙂.xml"),
      ("50%25 'x'.json", "50%25 'x'.json"), ("quote\".json", "quote_.json"), ("back\\slash", "back_slash"),
      ("ends\\", "ends_"), ("ends/", "ends_"), ("", "file"), ("line\r\nX: y", "line__X: y"),
      ("--boundary--", "--boundary--"),
      (String(repeating: "n", count: 255), String(repeating: "n", count: 255)),
    ])
  func `a file's own name never turns its part into a text field`(name: String, kept: String) async throws {
    let batch = try await bench.newBatch()
    let file = try bench.upload("[1]", name: name)
    #expect(
      try await bench.ask(.file(batch: batch, key: "data0", file)).verdict == .done(text: file.digest.hex))
    let uploaded = try #require(bench.simulator.record.batch(batch.text)?.files.first)
    #expect(uploaded.filename == kept)
    #expect(uploaded.name == "data0" && uploaded.size == 3)
  }

  @Test(arguments: [
    "data0", "a b", "q\"uote", "back\\slash", "a;b,c=d&e%41+f", "日本 ü", "line\r\nbreak", "--", "a/b",
  ])
  func `a key arrives as it stands in the control file`(key: String) async throws {
    let batch = try await bench.newBatch()
    #expect(try await bench.ask(.file(batch: batch, key: key, try bench.upload("[]"))).meaning == .done)
    #expect(bench.simulator.record.batch(batch.text)?.files.map(\.name) == [key])
  }

  @Test(arguments: ["hr export", "50% ü+&=;é 日本", "line\nbreak", "\"q\" \\ 'a'", "%00"])
  func `a comment arrives as it was written, in both kinds of body`(comment: String) async throws {
    let file = try bench.upload(ContractBench.control)
    #expect(try await bench.ask(.control(file, comment: comment)).meaning == .done)
    #expect(try await bench.ask(.batch(control: file.digest, comment: comment)).meaning == .done)
    #expect(bench.simulator.record.controls.map(\.comment) == [comment])
    #expect(bench.simulator.record.batches.map(\.comment) == [comment])
  }

  @Test(arguments: ["", "\r\n", "--", "\r\n--boundary\r\n", String(repeating: "\r\n--", count: 70_000)])
  func `data that looks like the body's own form arrives byte for byte`(text: String) async throws {
    let batch = try await bench.newBatch()
    let file = try bench.upload(text)
    let reply = try await bench.ask(.file(batch: batch, key: "data0", file))
    #expect(reply.verdict == .done(text: file.digest.hex))
    #expect(bench.simulator.record.batch(batch.text)?.files.map(\.size) == [file.size])
  }

  @Test func `the documentation's own example works`() async throws {
    let batch = try await bench.newBatch()
    let file = try bench.upload("[{\"id\": 1}]", name: "data.json")
    _ = try await bench.ask(.file(batch: batch, key: "data0", file))
    _ = try await bench.ask(.schedule(batch: batch, mode: .dryRun))
    let job = try #require(bench.simulator.record.jobs.first)
    #expect(job.isDryRun)
    #expect(job.data["data0"]?.filename == "data.json")
  }
}
