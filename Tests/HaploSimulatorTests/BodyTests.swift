import HaploSimulator
import Testing

@Suite struct BodyTests {
  private let simulator: Simulator
  private let batch: String

  init() throws {
    simulator = try Simulator(apiKey: goodKey)
    batch = try simulator.newBatch()
  }

  private func wire(_ body: String, boundary: String = "b") -> RawRequest {
    RawRequest(
      path: Step.file.path, contentType: "multipart/form-data; boundary=\(boundary)", body: Array(body.utf8))
  }

  private func part(_ disposition: String, _ content: String) -> String {
    "--b\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(content)\r\n"
  }

  private func fields() -> String { part("name=\"batch\"", batch) + part("name=data0", "") }

  @Test(arguments: [
    ("empty", ""), ("no delimiter", "hello"),
    ("no closing delimiter", "--b\r\nContent-Disposition: form-data; name=\"batch\"\r\n\r\nx\r\n"),
    (
      "cut within the closing delimiter", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b-"
    ),
    ("cut within the headers", "--b\r\nContent-Disposition: form-data"),
    ("a part without a name", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n"),
    ("a part without headers", "--b\r\n\r\nx\r\n--b--\r\n"),
    ("rubbish after a delimiter", "--bx\r\n\r\nx\r\n--b--\r\n"),
    ("bare line feeds", "--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n--b--\n"),
  ])
  func `malformed or truncated multipart is an internal error`(why: String, body: String) throws {
    let answer = try simulator.send(wire(body))
    #expect(answer?.status == 500)
    #expect(answer?.body == "<html><body><h1>Internal server error</h1></body></html>")
  }

  @Test func `multipart without a boundary is an internal error`() throws {
    let request = wire("").with { $0.contentType = "multipart/form-data" }
    #expect(try simulator.send(request)?.status == 500)
  }

  @Test(arguments: [
    ("data.json", "data.json"), ("a/b/data.json", "data.json"), (#"C:\x\data.json"#, "data.json"),
    (#"a\b/c"#, "c"), ("a; b,c=d.json", "a; b,c=d.json"), ("naïve 文.json", "naïve 文.json"), (" x ", " x "),
  ])
  func `a file name is cut up to its last separator`(sent: String, kept: String) throws {
    let answer = try simulator.send(
      .multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}", filename: sent)]))
    #expect(answer?.status == 200)
    #expect(simulator.record.batches.first?.files.map(\.filename) == [kept])
  }

  @Test(arguments: ["", "dir/", #"dir\"#, "/", #"\"#])
  func `a part whose file name is empty is a text field`(sent: String) throws {
    let answer = try simulator.send(
      .multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}", filename: sent)]))
    #expect(answer?.body == "Bad request (failed validation)")
  }

  @Test func `text parameters are UTF-8, and order, preamble and padding do not matter`() throws {
    let body =
      "preamble\r\n" + part("name=\"file\"; filename=\"d\"", "a\r\n--c\r\n--\r\n")
      + "--b \t\r\nContent-Type: text/plain\r\nCONTENT-DISPOSITION: form-data; name=\"name\"\r\n\r\nnäme\r\n"
      + part("name=batch", batch) + "--b--\r\nepilogue"
    #expect(try simulator.send(wire(body))?.status == 200)
    let file = try #require(simulator.record.batches.first?.files.first)
    #expect(file.name == "näme")
    #expect(file.size == 12)
  }

  @Test func `an empty file is a file`() throws {
    let answer = try simulator.upload("", to: batch)
    #expect(answer?.body == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `a quoted boundary is the same boundary`() throws {
    let request = RawRequest.multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}")])
    let quoted = request.with { $0.contentType = "multipart/form-data; charset=x; boundary=\"xxBOUNDARYxx\"" }
    #expect(try simulator.send(quoted)?.status == 200)
  }

  @Test func `a body in chunks is a body`() throws {
    let connection = try RawConnection(port: simulator.port)
    let head = RawRequest.form(.schedule, "").head
    connection.send(
      head.split(separator: "\r\n").filter { !$0.hasPrefix("Content-Length") }.joined(separator: "\r\n"))
    connection.send("\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbatch=\r\n1\r\nB\r\n0\r\n\r\n")
    #expect(connection.answer()?.body == "Batch not found: B")
  }

  @Test func `a silent body is answered with an internal error`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.silenceLimit = .milliseconds(50)
    let simulator = try Simulator(options)
    let connection = try RawConnection(port: simulator.port)
    let request = RawRequest.form(.batch, "control=x")
    connection.send(request.head + "contr")
    let answer = RawAnswer(connection.receive())
    #expect(answer?.status == 500)
    #expect(answer?.body.contains("Internal server error") == true)
  }

  @Test func `a client that goes away in the body leaves nothing but the record of it`() async throws {
    do {
      let connection = try RawConnection(port: simulator.port)
      let request = RawRequest.multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}")])
      connection.send(Array(request.head.utf8) + request.body.dropLast(30))
    }
    #expect(await simulator.wait { $0.requests.last?.step == .file })
    #expect(simulator.record.requests.last?.status == nil)
    #expect(simulator.record.batches.first?.uploads == [])
  }
}
