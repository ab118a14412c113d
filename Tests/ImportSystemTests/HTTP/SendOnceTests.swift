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

  /// Whoever lets connections idle for an hour otherwise.
  @Test(arguments: [(nil, 1), (.seconds(3600), 1), (.zero, 2)] as [(Duration?, Int)])
  func `a request takes no connection that has idled for longer than it allows`(
    longest: Duration?, connections: Int
  ) async throws {
    let exchange: [ScriptedServer.Action] = [.readRequest, .send(answer("200 OK", "x"))]
    let server = ScriptedServer([exchange + exchange + [.hold]])
    let engine = try TransferEngine(.patient)
    _ = await engine.send(request(server))
    var second = request(server)
    second.longestIdle = longest
    guard case .answered = await engine.send(second) else { return #expect(Bool(false)) }
    #expect(server.connections == connections)
  }

  @Test func `a connection that has idled for two seconds is too old for a request that allows one`()
    async throws
  {
    let exchange: [ScriptedServer.Action] = [.readRequest, .send(answer("200 OK", "x"))]
    let server = ScriptedServer([exchange + exchange + [.hold]])
    let engine = try TransferEngine(.patient)
    _ = await engine.send(request(server))
    // The clock is libcurl's own, so that there is nothing to wait for but the time.
    let begin = SuspendingClock.now
    while begin.duration(to: SuspendingClock.now) < .milliseconds(2100) {
      await TimerThread.shared.sleep(until: TimerThread.now + 2_100_000_000)
    }
    var young = request(server)
    young.longestIdle = .seconds(1)
    guard case .answered = await engine.send(young) else { return #expect(Bool(false)) }
    #expect(server.connections == 2)
  }

  @Test func `a connection that the server has closed meanwhile carries nothing`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let engine = try TransferEngine(.patient)
    _ = await engine.send(request(server))
    await server.departure()
    guard case .answered(_, .whole) = await engine.send(request(server)) else { return #expect(Bool(false)) }
    #expect(server.requests.map(\.connection) == [0, 1])
  }

  /// The next request crosses with the end of the connection. If the end came first, nothing was received.
  @Test func `a server that closes each connection after its answer gets every request, once`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let engine = try TransferEngine(.patient)
    var answered = 0
    for _ in 0..<200 {
      switch await engine.send(request(server)) {
      case .answered: answered += 1
      case .failed(_, let sent): #expect(sent == .whole, "what was not received goes out again at once")
      }
    }
    // At most one can cross so that nobody knows; from then on each has a connection of its own.
    #expect(answered >= 199)
    #expect(server.requests.count >= answered && server.requests.count <= 200)
    #expect(Set(server.requests.map(\.connection)).count == server.requests.count)
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
