@testable import ImportSystem
import ScriptedServer
import Synchronization
import Testing

/// GET requests whose answers are read while they arrive.
@Suite struct StreamedAnswerTests {
  private func answer(_ result: TransferResult) -> TransferAnswer? {
    if case .answered(let answer, _) = result { answer } else { nil }
  }

  @Test func `a GET has no body, carries the cookie, and learns of new ones`() async throws {
    let server = ScriptedServer([
      [
        .readRequest,
        .send(
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: s=abc123; path=/; HttpOnly\r\nSet-Cookie: bad value=1\r\n\r\nhi"
        ),
      ]
    ])
    let engine = try TransferEngine(TransferOptions())
    var request = TransferRequest(url: server.url, body: .none)
    request.cookie = "s=old"
    let result = try #require(answer(await engine.send(request)))
    #expect(result.status == 200)
    #expect(result.cookies == ["s=abc123"])
    let head = try #require(server.requests.first).head
    #expect(head.hasPrefix("GET /api HTTP/1.1"))
    #expect(head.contains("Cookie: s=old"))
    #expect(!head.lowercased().contains("content-length"))
  }

  @Test func `a long answer is passed on piece by piece, and nothing of it is kept`() async throws {
    let body = String(repeating: "0123456789", count: 400_000)
    let server = ScriptedServer([
      [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n"), .send(body)]
    ])
    let received = Mutex(0)
    var request = TransferRequest(url: server.url, body: .none)
    request.onBody = { bytes in
      received.withLock { $0 += bytes.count }
      return true
    }
    let result = try #require(answer(await TransferEngine(TransferOptions()).send(request)))
    #expect(result.isComplete)
    #expect(result.body.isEmpty)
    #expect(received.withLock { $0 } == body.utf8.count)
  }

  @Test func `the receiver ends an answer that has no end`() async throws {
    let server = ScriptedServer([
      [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"), .sendForever(4096)]
    ])
    let received = Mutex(0)
    var request = TransferRequest(url: server.url, body: .none)
    request.onBody = { bytes in
      received.withLock {
        $0 += bytes.count
        return $0 < 100_000
      }
    }
    let result = try #require(answer(await TransferEngine(TransferOptions()).send(request)))
    #expect(result.status == 200)
    #expect(!result.isComplete)
    #expect(received.withLock { $0 } < 400_000)
  }

  @Test func `the body of another status is not passed on`() async throws {
    let server = ScriptedServer([
      [.readRequest, .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")]
    ])
    var request = TransferRequest(url: server.url, body: .none)
    request.onBody = { _ in false }
    let result = try #require(answer(await TransferEngine(TransferOptions()).send(request)))
    #expect(result.status == 403)
    #expect(result.isComplete)
    #expect(result.body == Array("no".utf8))
  }
}
