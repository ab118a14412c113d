@testable import HaploAPI
import ImportCore
import ImportSystem
import ScriptedServer
import Testing

/// What each of the four requests looks like on the wire, and what becomes of its answer.
@Suite struct HaploClientTests {
  let files: ClientFiles
  let batch = BatchID("AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-ABCDEF")!

  init() throws { files = try ClientFiles() }

  @Test func `a control file goes with its comment`() async throws {
    let file = try files.upload("{}", name: "control.json")
    let request = try await sent(.control(file, comment: "hr export é"))
    #expect(request.head.hasPrefix("POST /api/haplo-data-import-batch/control HTTP/1.1\r\n"))
    #expect(request.head.contains("\r\nContent-Type: multipart/form-data; boundary="))
    #expect(
      parts(request) == [
        "Content-Disposition: form-data; name=\"comment\"\r\n\r\nhr export é",
        "Content-Disposition: form-data; name=\"file\"; filename=\"control.json\"\r\n"
          + "Content-Type: application/octet-stream\r\n\r\n{}",
      ])
  }

  @Test func `without a comment there is no such field`() async throws {
    let request = try await sent(.control(try files.upload("{}", name: "control.json"), comment: nil))
    #expect(parts(request).count == 1)
  }

  @Test func `a batch is created from a digest`() async throws {
    let request = try await sent(.batch(control: .ofNothing, comment: "a&b"))
    let zeros = String(repeating: "0", count: 64)
    #expect(request.head.hasPrefix("POST /api/haplo-data-import-batch/batch HTTP/1.1\r\n"))
    #expect(String(decoding: request.body, as: UTF8.self) == "control=\(zeros)&comment=a%26b")
  }

  @Test func `a data file goes by its key, and keeps its own name`() async throws {
    let request = try await sent(
      .file(batch: batch, key: "data0", try files.upload("[1]", name: "data.json")))
    #expect(request.head.hasPrefix("POST /api/haplo-data-import-batch/file HTTP/1.1\r\n"))
    #expect(
      parts(request) == [
        "Content-Disposition: form-data; name=\"batch\"\r\n\r\n\(batch)",
        "Content-Disposition: form-data; name=\"name\"\r\n\r\ndata0",
        "Content-Disposition: form-data; name=\"file\"; filename=\"data.json\"\r\n"
          + "Content-Type: application/octet-stream\r\n\r\n[1]",
      ])
  }

  @Test(arguments: [(ImportMode.dryRun, "&mode=dry-run"), (.import, "")])
  func `only a dry run has a mode`(mode: ImportMode, suffix: String) async throws {
    let request = try await sent(.schedule(batch: batch, mode: mode))
    #expect(request.head.hasPrefix("POST /api/haplo-data-import-batch/schedule HTTP/1.1\r\n"))
    #expect(String(decoding: request.body, as: UTF8.self) == "batch=\(batch)\(suffix)")
  }

  @Test func `schedule takes the connection that has just answered, and no old one`() {
    #expect(ServerRequest.Kind.schedule(batch: batch, mode: .import).longestIdle == .seconds(1))
    #expect(ServerRequest.Kind.batch(control: .ofNothing, comment: nil).longestIdle == nil)
  }

  /// The connection answers, and then ends under the schedule call: libcurl would send it again by itself.
  @Test func `a schedule call whose kept-alive connection ends is in doubt, and went out once`() async throws
  {
    let call = ServerRequest(.schedule(batch: batch, mode: .import))
    // On a machine so busy that two seconds go by, the call has a connection of its own: then once more.
    for _ in 0..<100 {
      let server = ScriptedServer([
        [.readRequest, .send(answer("200 OK", "x")), .readRequest],
        [.readRequest, .send(answer("200 OK", "SCHEDULED"))],
      ])
      let client = try client(server)
      _ = await client.perform(ServerRequest(.batch(control: .ofNothing, comment: nil)))
      let exchange = await client.perform(call)
      guard server.requests[1].connection == 0 else { continue }
      guard case .failed(_, sent: .whole, _) = exchange else { return #expect(Bool(false), "\(exchange)") }
      guard case .again = call.question.verdict(on: exchange) else { return #expect(Bool(false)) }
      #expect(server.requests.count == 2)
      let repeated = await client.perform(call)
      guard case .done = call.question.verdict(on: repeated) else {
        return #expect(Bool(false), "\(repeated)")
      }
      return #expect(server.requests.count == 3)
    }
    Issue.record("the connection was never kept")
  }

  @Test func `an answer is reduced to what decides`() async throws {
    let server = ScriptedServer([
      [
        .readRequest,
        .send(answer("503 No", "später", type: "Text/HTML ; charset=x", headers: "Retry-After: 7\r\n")),
      ]
    ])
    let exchange = await (try client(server)).perform(ServerRequest(.schedule(batch: batch, mode: .import)))
    let expected = Answer(status: 503, mediaType: "text/html", body: "später", retryAfter: .seconds(7))
    #expect(exchange == .answered(expected, sent: .whole))
  }

  @Test func `bytes that are not UTF-8 become a sign of their own`() {
    let answer = Answer(
      TransferAnswer(status: 200, contentType: "", body: [0x41, 0xff], isComplete: false),
      now: Timestamp(microseconds: 0))
    #expect(answer == Answer(status: 200, mediaType: nil, bytes: [0x41, 0xff], isComplete: false))
    #expect(answer.body == "A\u{FFFD}")
  }

  @Test func `a server that is not there is a failure with nothing sent`() async throws {
    let port = ScriptedServer.unusedPort()
    let client = HaploClient(url: "http://127.0.0.1:\(port)", engine: try TransferEngine(TransferOptions()))
    let exchange = await client.perform(ServerRequest(.batch(control: .ofNothing, comment: nil)))
    #expect(exchange == .failed("127.0.0.1:\(port): connection refused", sent: .nothing))
  }

  @Test(arguments: [
    ("data.json", "data.json"), ("a b ü 日本;,=.tsv", "a b ü 日本;,=.tsv"), ("ends/", "ends_"),
    ("ends\\", "ends_"),
    ("a\"b\\c/d", "a_b_c_d"), ("line\r\nend\t\u{0}\u{7f}\u{85}", "line__end____"), ("", "file"),
  ])
  func `no file name can turn its part into a text field`(name: String, safe: String) {
    #expect(UploadName.safe(name) == safe)
  }

  private func client(_ server: ScriptedServer) throws -> HaploClient {
    HaploClient(url: "http://127.0.0.1:\(server.port)/", engine: try TransferEngine(TransferOptions()))
  }

  private func sent(_ kind: ServerRequest.Kind) async throws -> ScriptedServer.Request {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    _ = await (try client(server)).perform(ServerRequest(kind))
    return try #require(server.requests.first)
  }

  private func parts(_ request: ScriptedServer.Request) -> [String] {
    let text = String(decoding: request.body, as: UTF8.self)
    guard let line = text.firstRange(of: "\r\n") else { return [] }
    let boundary = String(text[..<line.lowerBound])
    return text.split(separator: boundary).dropLast().map { String($0.dropFirst().dropLast()) }
  }
}
