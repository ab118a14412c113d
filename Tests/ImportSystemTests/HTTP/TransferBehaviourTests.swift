import ImportSystem
import ScriptedServer
import Testing

/// What the engine makes of servers that behave in one way or another.
@Suite struct TransferBehaviourTests {
  typealias Script = [ScriptedServer.Action]

  static let refusal = answer("403 Forbidden", "no", type: "application/json")

  @Test(
    arguments: [
      ("a plain answer", [.readRequest, .send(answer("200 OK", "SCHEDULED"))], 200, "SCHEDULED", true),
      (
        "an answer in chunks",
        [.readRequest, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n")],
        200, "OK", true
      ),
      (
        "an answer that ends with the connection", [.readRequest, .send("HTTP/1.1 500 No\r\n\r\nbad")], 500,
        "bad", true
      ),
      (
        "half an answer", [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nSCHED")], 200,
        "SCHED", false
      ),
      (
        "half an answer, then a reset",
        [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nSCHED"), .reset], 200, "SCHED",
        false
      ),
      (
        "a redirect, which is not followed",
        [.readRequest, .send(answer("302 Found", "", headers: "Location: http://127.0.0.1:1/\r\n"))], 302, "",
        true
      ),
      (
        "an interim answer first",
        [.readRequest, .send("HTTP/1.1 102 Processing\r\n\r\n" + answer("200 OK", "x"))], 200, "x", true
      ),
    ] as [(String, Script, Int, String, Bool)])
  func `an answer is taken as it came`(
    what: String, script: Script, status: Int, body: String, isComplete: Bool
  ) async throws {
    let server = ScriptedServer([script])
    let result = await (try engine()).send(form(server))
    guard case .answered(let answer, let sent) = result else {
      return #expect(Bool(false), "\(what): \(result)")
    }
    #expect(answer.status == status)
    #expect(String(decoding: answer.body, as: UTF8.self) == body)
    #expect(answer.isComplete == isComplete)
    #expect(sent == .whole)
    #expect(server.requests.count == 1)
  }

  @Test(
    arguments: [
      ("closed at once", [], .broken, "broke"),
      ("closed after the request", [.readRequest], .broken, "without an answer"),
      ("reset after the request", [.readRequest, .reset], .broken, "reset"),
      (
        "closed within the headers", [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-")], .broken,
        "within the headers"
      ),
      ("no answer", [.readRequest, .hold], .noAnswer, "no answer for 200ms after the request was sent"),
      (
        "another protocol", [.readRequest, .send("220 mail.example.org ESMTP\r\n\r\n")], .notHTTP,
        "does not speak HTTP"
      ),
    ] as [(String, Script, TransferFailure.Kind, String)])
  func `a connection without an answer fails, and says why`(
    what: String, script: Script, kind: TransferFailure.Kind, words: String
  ) async throws {
    let server = ScriptedServer([script])
    let patience: Duration = kind == .noAnswer ? .milliseconds(200) : .seconds(60)
    let result = await (try engine(reply: patience)).send(form(server))
    guard case .failed(let failure, let sent) = result else {
      return #expect(Bool(false), "\(what): \(result)")
    }
    #expect(failure.kind == kind, "\(failure)")
    #expect("\(failure)".hasPrefix("127.0.0.1:\(server.port): "))
    #expect(failure.cause.contains(words) || script.isEmpty, "\(failure)")
    #expect(sent == .whole)
    #expect(server.connections == 1)
  }

  @Test func `headers of an answer are kept as they were sent`() async throws {
    let headers = "RETRY-AFTER:  120 \r\n"
    let server = ScriptedServer([
      [.readRequest, .send(answer("503 No", "x", type: "Text/Plain; charset=utf-8", headers: headers))]
    ])
    guard case .answered(let answer, _) = await (try engine()).send(form(server)) else {
      return #expect(Bool(false))
    }
    #expect(answer.contentType == "Text/Plain; charset=utf-8")
    #expect(answer.retryAfter == "120")
  }

  @Test func `of a long answer 64 KiB are kept, and the connection goes on`() async throws {
    let long = String(repeating: "y", count: 300_000)
    let server = ScriptedServer([
      [.readRequest, .send(answer("200 OK", long)), .readRequest, .send(answer("200 OK", "second"))]
    ])
    let engine = try TransferEngine(.patient)
    guard case .answered(let first, _) = await engine.send(form(server)) else { return #expect(Bool(false)) }
    #expect(first.body.count == TransferAnswer.keptBytes)
    #expect(first.isComplete)
    guard case .answered(let second, _) = await engine.send(form(server)) else { return #expect(Bool(false)) }
    #expect(second.body == Array("second".utf8))
    #expect(server.connections == 1)
  }

  @Test func `an endless answer is cut off`() async throws {
    let server = ScriptedServer([[.readRequest, .send("HTTP/1.1 200 OK\r\n\r\n"), .sendForever(4096)]])
    guard case .answered(let answer, _) = await (try engine()).send(form(server)) else {
      return #expect(Bool(false))
    }
    #expect(!answer.isComplete)
    #expect(answer.body.count == TransferAnswer.keptBytes)
  }

  @Test func `an answer that drips on is cut off when its time is over`() async throws {
    let server = ScriptedServer([
      [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nSCHED"), .hold]
    ])
    let result = await (try engine(reply: .seconds(2))).send(form(server))
    guard case .answered(let answer, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(!answer.isComplete)
    #expect(sent == .whole)
  }

  @Test func `nobody listening is nothing sent`() async throws {
    let port = ScriptedServer.unusedPort()
    let request = TransferRequest(url: "http://127.0.0.1:\(port)/", body: .form([]))
    let result = await (try engine()).send(request)
    let failure = TransferFailure(.connectionFailed, at: "127.0.0.1:\(port)", "connection refused")
    #expect(result == .failed(failure, sent: .nothing))
  }

  @Test func `a server that does not greet in time is nothing sent`() async throws {
    let server = ScriptedServer([[.hold]])
    let engine = try TransferEngine(TransferOptions(connectTimeout: .milliseconds(200)))
    let result = await engine.send(
      TransferRequest(url: "https://127.0.0.1:\(server.port)/", body: .form([])))
    let failure = TransferFailure(
      .connectionFailed, at: "127.0.0.1:\(server.port)", "no connection within 200ms")
    #expect(result == .failed(failure, sent: .nothing))
  }

  @Test func `an unknown name is nothing sent`() async throws {
    let request = TransferRequest(url: "http://no-such-host.invalid/", body: .form([]))
    guard case .failed(let failure, let sent) = await (try engine()).send(request) else {
      return #expect(Bool(false))
    }
    #expect(failure.kind == .nameNotKnown)
    #expect("\(failure)".hasPrefix("no-such-host.invalid:80: name not known"))
    #expect(sent == .nothing)
  }

  @Test(arguments: ["ftp://127.0.0.1/", "", "127.0.0.1", "http://", "file:///etc/passwd"])
  func `an address that is none is refused before anything is sent`(url: String) async throws {
    let result = await (try engine()).send(TransferRequest(url: url, body: .form([])))
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false)) }
    #expect(failure.kind == .invalidRequest)
    #expect(sent == .nothing)
  }

  @Test func `a file of certificates that cannot be read is an error at start`() {
    var options = TransferOptions()
    options.caFile = "/nonexistent/ca.pem"
    let error = #expect(throws: SystemError.self) { try TransferEngine(options) }
    #expect(error?.description == "cannot read '/nonexistent/ca.pem': No such file or directory")
  }

  private func engine(reply: Duration = .seconds(30)) throws -> TransferEngine {
    try TransferEngine(TransferOptions(replyTimeout: reply))
  }

  private func form(_ server: ScriptedServer) -> TransferRequest {
    TransferRequest(url: server.url, body: .form([("batch", "b")]))
  }
}
