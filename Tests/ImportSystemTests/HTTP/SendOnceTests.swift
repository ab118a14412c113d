@testable import ImportSystem
import ScriptedServer
import Testing

/// A kept-alive connection that ends before the first byte of an answer: libcurl would send again by itself.
@Suite struct SendOnceTests {
  static let scripts: [[ScriptedServer.Action]] = [
    [.readRequest, .send(answer("200 OK", "first")), .readRequest],
    [.readRequest, .send(answer("200 OK", "again"))],
  ]

  @Test func `a request is not sent again on another connection`() async throws {
    let server = ScriptedServer(Self.scripts)
    let engine = try TransferEngine(.patient)
    _ = await engine.send(request(server))
    let result = await engine.send(request(server))
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .broken)
    #expect(sent == .whole)
    #expect(server.requests.count == 2)
  }

  @Test func `without the guard the server sees the request twice`() async throws {
    let server = ScriptedServer(Self.scripts)
    var options = TransferOptions.patient
    options.allowsResending = true
    let engine = try TransferEngine(options)
    _ = await engine.send(request(server))
    guard case .answered(let answer, _) = await engine.send(request(server)) else {
      return #expect(Bool(false))
    }
    #expect(answer.body == Array("again".utf8))
    #expect(server.requests.count == 3)
  }

  @Test func `a file on such a connection is not sent again`() async throws {
    let server = ScriptedServer(Self.scripts)
    let engine = try TransferEngine(.patient)
    let folder = try TemporaryDirectory()
    let file = try folder.file("data", [UInt8](repeating: 5, count: 10_000))
    _ = await engine.send(request(server))
    let part = TransferFile(field: "file", name: "data", file: file, size: 10_000)
    let result = await engine.send(
      TransferRequest(url: server.url, body: .multipart(fields: [], file: part)))
    guard case .failed(_, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(sent == .whole)
    #expect(server.requests.count == 2)
  }

  @Test func `a fresh connection is made where one is asked for`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x")), .hold]])
    let engine = try TransferEngine(.patient)
    _ = await engine.send(request(server))
    var fresh = request(server)
    fresh.freshConnection = true
    guard case .answered = await engine.send(fresh) else { return #expect(Bool(false)) }
    #expect(server.connections == 2)
  }

  private func request(_ server: ScriptedServer) -> TransferRequest {
    TransferRequest(url: server.url, body: .form([("batch", "b")]))
  }
}

extension TransferOptions {
  /// Options for a machine that is busy with other tests: what is decided by a second or two elsewhere has
  /// an hour here.
  static var patient: TransferOptions {
    var options = TransferOptions()
    options.leaveTimeout = .seconds(3600)
    options.longestIdle = .seconds(3600)
    return options
  }
}
