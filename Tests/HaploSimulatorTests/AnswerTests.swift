import HaploSimulator
import Testing

/// One row of the table of answers in docs/server.md.
struct Row: CustomTestStringConvertible {
  var title: String
  var request: RawRequest
  var status: Int
  var type: String
  var body: String

  init(_ title: String, _ request: RawRequest, _ status: Int, _ type: String, _ body: String) {
    self.title = title
    self.request = request
    self.status = status
    self.type = type
    self.body = body
  }

  var testDescription: String { title }
}

private let plain = "text/plain"
private let html = "text/html"
private let zeros = String(repeating: "0", count: 64)
private let invalidKey =
  #"{"success":false,"kind":"INVALID-API-KEY","error":{"message":"Invalid API Key"}}"#
private func page(_ heading: String) -> String { "<html><body><h1>\(heading)</h1></body></html>" }
private let failed = "Bad request (failed validation)"
private let broken = page("Internal server error")
private let denied = page("Request denied for security reasons")
private let file = Part.file("{}")
private let name = Part.text("name", "data0")
private let batch = Part.text("batch", "B")

private let missing = [
  Row("control without file", .multipart(.control, [.text("comment", "c")]), 400, plain, failed),
  Row("control with a form", .form(.control, "file=x"), 400, plain, failed),
  Row("batch without control", .form(.batch, "comment=c"), 400, plain, failed),
  Row("batch with an empty control", .form(.batch, "control="), 400, plain, failed),
  Row("batch without a body", .form(.batch, ""), 400, plain, failed),
  Row("file without batch", .multipart(.file, [name, file]), 400, plain, failed),
  Row("file without name", .multipart(.file, [batch, file]), 400, plain, failed),
  Row("file without file", .multipart(.file, [batch, name]), 400, plain, failed),
  Row("file as text", .multipart(.file, [batch, name, .text("file", "{}")]), 400, plain, failed),
  Row("schedule without batch", .form(.schedule, "mode=dry-run"), 400, plain, failed),
  Row("raw non-ASCII voids a form", .form(.batch, "control=\(zeros)&comment=é"), 400, plain, failed),
]

private let unknown = [
  Row(
    "unknown digest", .form(.batch, "control=\(zeros)"), 400, plain, "Control file not found: \(zeros)"),
  Row("file, unknown batch", .multipart(.file, [batch, name, file]), 400, plain, "Batch not found: B"),
  Row("schedule, unknown batch", .form(.schedule, "batch=B"), 400, plain, "Batch not found: B"),
  Row("a form splits on & only", .form(.schedule, "batch=B;mode=x"), 400, plain, "Batch not found: B;mode=x"),
  Row("a form is decoded", .form(.schedule, "batch=%42+%c3%A9"), 400, plain, "Batch not found: B é"),
]

private let paths = [
  Row("GET", RawRequest(method: "GET", path: Step.batch.path), 404, html, page("Not found")),
  Row(
    "unknown path", .form(.batch, "control=x").with { $0.path = "/api/nothing" }, 404, html, page("Not found")
  ),
  Row(
    "a step that is none", .form(.batch, "control=x").with { $0.path = Step.batch.path + "/" }, 404, html,
    page("Not found")),
  Row(
    "unknown Host", .form(.batch, "control=x").with { $0.host = "other.example" }, 404, html,
    page("Not found")),
]

private let keys = [
  Row(
    "wrong key, multipart", .multipart(.file, [file]).with { $0.key = zeros }, 403, "application/json",
    invalidKey),
  Row("wrong key, form", .form(.batch, "control=x").with { $0.key = zeros }, 403, html, denied),
  Row("wrong key, GET", RawRequest(method: "GET", path: "/", key: zeros), 403, html, denied),
  Row("no key, form", .form(.batch, "control=x").with { $0.key = nil }, 403, plain, "Unauthorised"),
  Row("no key, multipart", .multipart(.file, [file]).with { $0.key = nil }, 403, plain, "Unauthorised"),
  Row(
    "another user",
    .form(.batch, "control=x").with {
      $0.key = nil
      $0.headers = ["Authorization: Basic \(base64("admin:\(goodKey)"))"]
    }, 403, plain, "Unauthorised"),
]

private let limits = [
  Row("multipart to batch", .multipart(.batch, [.text("control", zeros)]), 500, html, broken),
  Row("multipart to schedule", .multipart(.schedule, [batch]), 500, html, broken),
  Row(
    "text of 64 KiB", .form(.schedule, "batch=" + long(65536)), 400, plain, "Batch not found: " + long(65536)),
  Row(
    "text over 64 KiB, form", .form(.schedule, "batch=" + long(65537)), 500, html,
    page("Request size limit exceeded")),
  Row(
    "text over 64 KiB, multipart", .multipart(.file, [batch, .text("name", long(65537)), file]), 500, html,
    page("Request size limit exceeded")),
  Row("form over 1 MiB", .form(.batch, "control=x&a=" + long(1 << 20)), 500, html, broken),
  Row("NUL in a form", .form(.batch, "control=x%00"), 500, html, broken),
  Row(
    "headers over 8 KiB", .form(.batch, "control=x").with { $0.headers = ["X-Long: " + long(8200)] }, 431,
    html, page("Request header fields too large")),
  Row(
    "headers far over 8 KiB", .form(.batch, "control=x").with { $0.headers = ["X-Long: " + long(60000)] },
    431,
    html, page("Request header fields too large")),
]

private func long(_ count: Int) -> String { String(repeating: "x", count: count) }

@Suite struct AnswerTests {
  @Test(arguments: missing + unknown + paths + keys + limits)
  func `every answer has the server's status, type and words`(row: Row) throws {
    let simulator = try Simulator(apiKey: goodKey)
    let answer = try #require(try simulator.send(row.request))
    #expect(answer.status == row.status)
    #expect(answer.headers["content-type"] == row.type)
    #expect(answer.body == row.body)
    #expect(answer.isWhole)
    #expect(simulator.record.requestCount == 1)
    #expect(simulator.record.requests.map(\.status) == [row.status])
  }

  @Test func `the case of a digest matters`() throws {
    let simulator = try Simulator(apiKey: goodKey)
    _ = try simulator.newBatch()
    let digest = try #require(simulator.record.controls.first?.digest.uppercased())
    let answer = try simulator.send(.form(.batch, "control=\(digest)"))
    #expect(answer?.body == "Control file not found: \(digest)")
  }

  @Test(arguments: ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:443", "haplo.test"])
  func `the host names it serves are answered`(host: String) throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.hostNames.insert("haplo.test")
    let simulator = try Simulator(options)
    let answer = try simulator.send(.form(.batch, "control=x").with { $0.host = host })
    #expect(answer?.status == 400)
  }

  @Test func `where https is required, http is redirected, and multipart is an error`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.requiresHTTPS = true
    let simulator = try Simulator(options)
    let form = try simulator.send(.form(.batch, "control=x"))
    #expect(form?.status == 302)
    #expect(form?.headers["location"] == "https://127.0.0.1\(Step.batch.path)")
    #expect(try simulator.send(.multipart(.file, [file]))?.status == 500)
  }

  @Test func `a connection serves several requests`() throws {
    let simulator = try Simulator(apiKey: goodKey)
    let connection = try RawConnection(port: simulator.port)
    let request = RawRequest.form(.batch, "control=x")
    let head = request.head.split(separator: "\r\n").filter { $0 != "Connection: close" }
    for _ in 0..<3 {
      connection.send(head.joined(separator: "\r\n") + "\r\n\r\ncontrol=x")
      #expect(connection.answer()?.body == "Control file not found: x")
    }
  }
}
