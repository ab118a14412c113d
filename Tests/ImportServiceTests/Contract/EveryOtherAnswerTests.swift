import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// docs/server.md, "Other answers", as far as a set or a request is at fault; `DoorTests` has what concerns the server.
@Suite struct EveryOtherAnswerTests {
  private static let failed = "Bad request (failed validation)"
  private static let broken = AnswerRow.page("Internal server error")
  private static let limit = AnswerRow.page("Request size limit exceeded")
  private static let scriptError =
    "<html><head><title>Error</title></head><body><h1>Error</h1></body></html>"
  private static let batch = AnswerRow.batch
  private static let fileQuestion = Question.file(key: "data0", AnswerRow.zeros, batch: batch)
  private static let upper = String(repeating: "A", count: 64)

  static let missing: [AnswerRow] = [
    .form(
      "batch without its digest", [("comment", "c")], asking: .batch(control: AnswerRow.zeros), 400,
      AnswerRow.plain, failed, .reject),
    .multipart(
      "control without its file", [], file: "other", asking: .control(AnswerRow.zeros), 400, AnswerRow.plain,
      failed, .reject),
    .multipart(
      "file without its batch", [("name", "data0")], asking: fileQuestion, 400, AnswerRow.plain, failed,
      .reject),
    .multipart(
      "file without its name", [("batch", batch.text)], asking: fileQuestion, 400, AnswerRow.plain, failed,
      .reject),
    .form(
      "schedule without its batch: nobody knows why, so it is held", [("mode", "dry-run")],
      asking: .schedule(batch), 400, AnswerRow.plain, failed, .hold),
  ]

  static let controls: [AnswerRow] = [
    .control("not JSON", "nonsense", 400, AnswerRow.plain, "Uploaded file is not JSON", .reject),
    .control("empty", "", 400, AnswerRow.plain, "Uploaded file is not JSON", .reject),
    .control("a BOM", "\u{FEFF}{}", 400, AnswerRow.plain, "Uploaded file is not JSON", .reject),
    .control(
      "invalid", #"{"dataImportControlFileVersion": 1, "model": "none", "instructions": [], "files": {}}"#,
      400,
      AnswerRow.plain,
      "Invalid control file:\n  Bad version of control file, should be 0\n  Model not implemented: none",
      .reject),
    .control("null", "null", 500, AnswerRow.html, scriptError, .again),
    .control("a number", "17", 500, AnswerRow.html, scriptError, .again),
  ]

  static let unknown: [AnswerRow] = [
    AnswerRow(
      "a digest that the server does not have", 400, AnswerRow.plain,
      "Control file not found: \(AnswerRow.zeros)", .controlMissing
    ) { try await $0.ask(.batch(control: AnswerRow.zeros, comment: nil)) },
    AnswerRow("file for an unknown batch", 400, AnswerRow.plain, "Batch not found: \(batch)", .batchGone) {
      try await $0.ask(.file(batch: batch, key: "data0", try $0.upload("[]")))
    },
    AnswerRow("schedule of an unknown batch", 400, AnswerRow.plain, "Batch not found: \(batch)", .hold) {
      try await $0.ask(.schedule(batch: batch, mode: .import))
    },
  ]

  static let forms: [AnswerRow] = [
    .multipart(
      "multipart sent to batch", [("control", "x")], asking: .batch(control: AnswerRow.zeros), 500,
      AnswerRow.html, broken, .again),
    .multipart(
      "multipart sent to schedule", [("batch", batch.text)], asking: .schedule(batch), 500, AnswerRow.html,
      broken, .again),
    .form(
      "a form over 1 MiB, which no configuration can cause",
      [("control", "x"), ("comment", String(repeating: "ü", count: 1 << 18))],
      asking: .batch(control: AnswerRow.zeros), 500, AnswerRow.html, broken, .again),
  ]

  static let sizes: [AnswerRow] = [
    AnswerRow("a form's comment over 64 KiB", 500, AnswerRow.html, limit, .reject) {
      try await $0.ask(.batch(control: AnswerRow.zeros, comment: String(repeating: "c", count: 65_537)))
    },
    AnswerRow("a control file's comment over 64 KiB", 500, AnswerRow.html, limit, .reject) {
      let file = try $0.upload(ContractBench.control)
      return try await $0.ask(.control(file, comment: String(repeating: "c", count: 65_537)))
    },
    AnswerRow("a key over 64 KiB", 500, AnswerRow.html, limit, .reject) {
      let key = String(repeating: "k", count: 65_537)
      return try await $0.ask(.file(batch: try await $0.newBatch(), key: key, try $0.upload("[]")))
    },
    AnswerRow(
      "headers over 8 KiB", 431, AnswerRow.html, AnswerRow.page("Request header fields too large"), .foreign
    ) {
      let client = try $0.client { $0.userAgent = String(repeating: "u", count: 9000) }
      return try await $0.ask(.batch(control: AnswerRow.zeros, comment: nil), client)
    },
  ]

  @Test(arguments: missing + controls + unknown + forms + sizes)
  func `each row has its answer, and its meaning`(row: AnswerRow) async throws {
    try await row.check(try ContractBench())
  }

  @Test func `a comment of exactly 64 KiB is taken`() async throws {
    let bench = try ContractBench()
    let file = try bench.upload(ContractBench.control)
    let comment = String(repeating: "ü", count: 32_768)
    #expect(try await bench.ask(.control(file, comment: comment)).meaning == .done)
    #expect(try await bench.ask(.batch(control: file.digest, comment: comment)).meaning == .done)
    #expect(bench.simulator.record.batches.map(\.comment) == [comment])
  }

  @Test func `the case of a digest matters`() async throws {
    let bench = try ContractBench()
    _ = try await bench.newBatch()
    let digest = try bench.upload(ContractBench.control).digest
    #expect(digest.hex != digest.hex.uppercased())
    let reply = try await bench.post(
      .form([("control", digest.hex.uppercased())]), asking: .batch(control: digest))
    #expect(reply.answer?.body == "Control file not found: \(digest.hex.uppercased())")
    #expect(SHA256Digest(hex: digest.hex.uppercased()) == nil)
  }

  @Test(arguments: ["null", "17", "true", "\"text\""])
  func `a control file that is no object never gets as far as the server`(text: String) {
    guard case .invalid = ControlFile.read(Array(text.utf8)) else { return #expect(Bool(false)) }
  }

  @Test func `a refused control file is rejected with all that the server said`() async throws {
    let bench = try ContractBench()
    let reply = try await bench.ask(.control(try bench.upload("{}"), comment: nil))
    #expect(reply.reason?.text == reply.answer?.body)
    #expect(reply.reason?.text.contains("\n  Control file does not have files property") == true)
    #expect(reply.reason?.http == 400)
  }

  @Test func `a NUL, which would be a failure of the server, is never sent`() async throws {
    let bench = try ContractBench()
    let reply = try await bench.ask(.batch(control: .ofNothing, comment: "a\u{0}b"))
    #expect(reply.failure != nil && reply.sent == .nothing)
    #expect(reply.meaning == .again)
    #expect(bench.simulator.record.requestCount == 0)
  }

  @Test func `a body that broke off, or was silent too long, is sent again`() async throws {
    let bench = try ContractBench {
      $0.faults = [Fault(.fail(500, body: Self.broken, at: .headers), at: .file)]
    }
    let reply = try await bench.ask(
      .file(batch: AnswerRow.batch, key: "data0", try bench.largeUpload(64 << 20)))
    #expect(reply.answer?.body == Self.broken)
    #expect(reply.sent != .whole)
    #expect(reply.meaning == .again)
  }
}
