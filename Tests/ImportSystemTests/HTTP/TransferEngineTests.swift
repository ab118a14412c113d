import Glibc
@testable import ImportSystem
import ScriptedServer
import Synchronization
import Testing

/// Many transfers at a time, their end from our side, and what the engine shares out among them.
@Suite struct TransferEngineTests {
  @Test func `no more requests than allowed are under way at once`() async throws {
    let barrier = Barrier(2)
    let server = ScriptedServer([
      [.readRequest, .meet(barrier), .send(answer("200 OK", "x", headers: "Connection: close\r\n"))]
    ])
    let engine = try TransferEngine(TransferOptions(maxConnections: 2))
    let statuses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 { group.addTask { await Self.status(of: engine.send(Self.form(server.url))) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == [Int](repeating: 200, count: 8))
    #expect(server.mostPresent == 2)
  }

  @Test func `requests beyond the limit wait in the order of asking`() async throws {
    let server = ScriptedServer([
      [.readRequest, .hold], [.readRequest, .send(answer("200 OK", "x"))],
    ])
    let engine = try TransferEngine(TransferOptions(maxConnections: 1))
    let first = Task { await engine.send(Self.form(server.url, "first")) }
    await server.arrivals(of: 1)
    let second = Task { await engine.send(Self.form(server.url, "second")) }
    first.cancel()
    #expect(Self.status(of: await second.value) == 200)
    #expect(Self.kind(of: await first.value) == .cancelled)
  }

  @Test func `a cancelled transfer ends at once, and its connection with it`() async throws {
    let server = ScriptedServer([[.readRequest, .hold]])
    let engine = try TransferEngine(TransferOptions())
    let task = Task { await engine.send(Self.form(server.url)) }
    await server.arrivals(of: 1)
    task.cancel()
    let result = await task.value
    let failure = TransferFailure(.cancelled, at: "127.0.0.1:\(server.port)", "cancelled")
    #expect(result == .failed(failure, sent: .whole))
  }

  @Test func `a task that is cancelled before it asks sends nothing`() async throws {
    let server = ScriptedServer([[.readRequest, .hold]])
    let engine = try TransferEngine(TransferOptions())
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await engine.send(Self.form(server.url))
    }
    guard case .failed(let failure, sent: .nothing) = await task.value else { return #expect(Bool(false)) }
    #expect(failure.kind == .cancelled)
    #expect(server.requests.isEmpty)
  }

  @Test func `shutting down ends what is under way, and refuses what comes later`() async throws {
    let server = ScriptedServer([[.readRequest, .hold]])
    let engine = try TransferEngine(TransferOptions(maxConnections: 1))
    let running = Task { await engine.send(Self.form(server.url)) }
    await server.arrivals(of: 1)
    let queued = Task { await engine.send(Self.form(server.url)) }
    engine.shutDown()
    #expect(Self.kind(of: await running.value) == .cancelled)
    #expect(Self.kind(of: await queued.value) == .cancelled)
    #expect(Self.kind(of: await engine.send(Self.form(server.url))) == .cancelled)
  }

  @Test func `an engine that nobody holds any more ends its thread and connections`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x")), .hold]])
    _ = await (try TransferEngine(TransferOptions())).send(Self.form(server.url))
    await server.departure()
  }

  @Test func `the bandwidth limit holds for all transfers together`() async throws {
    let server = ScriptedServer([[.skimRequest, .send(answer("200 OK", "x"))]])
    let engine = try TransferEngine(TransferOptions(bandwidthLimit: 1_000_000))
    let folder = try TemporaryDirectory()
    let file = try folder.file("f", [UInt8](repeating: 1, count: 200_000))
    let part = TransferFile(field: "file", name: "f", file: file, size: 200_000)
    let request = TransferRequest(url: server.url, body: .multipart(fields: [], file: part))
    let clock = SuspendingClock()
    let time = await clock.measure {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          group.addTask { #expect(Self.status(of: await engine.send(request)) == 200) }
        }
      }
    }
    // 600 kB less one full bucket of 125 kB.
    #expect(time >= .milliseconds(470))
  }

  @Test func `a transfer that our own limit holds back is not taken for stalled`() async throws {
    let server = ScriptedServer([[.skimRequest, .send(answer("200 OK", "x"))]])
    let options = TransferOptions(stallTimeout: .milliseconds(50), bandwidthLimit: 50_000)
    let folder = try TemporaryDirectory()
    let file = try folder.file("f", [UInt8](repeating: 1, count: 20_000))
    let part = TransferFile(field: "file", name: "f", file: file, size: 20_000)
    let result = await (try TransferEngine(options)).send(
      TransferRequest(url: server.url, body: .multipart(fields: [], file: part)))
    #expect(Self.status(of: result) == 200, "\(result)")
  }

  @Test func `proxies of the environment are ignored`() async {
    // In a process of its own, since the environment is not safe to change beside other threads.
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
      let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
      let engine = try TransferEngine(TransferOptions())
      let status = Self.status(of: await engine.send(Self.form(server.url)))
      precondition(status == 200, "a proxy was asked")
    }
  }

  @Test func `a proxy that is named is used, and named when it cannot be reached`() async throws {
    let proxy = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let engine = try TransferEngine(TransferOptions(proxy: "http://127.0.0.1:\(proxy.port)"))
    #expect(Self.status(of: await engine.send(Self.form("http://research.example/api"))) == 200)
    #expect(proxy.requests.first?.head.hasPrefix("POST http://research.example/api HTTP/1.1") == true)

    let nobody = try TransferEngine(
      TransferOptions(proxy: "http://127.0.0.1:\(ScriptedServer.unusedPort())"))
    guard case .failed(let failure, .nothing) = await nobody.send(Self.form("http://research.example/api"))
    else { return #expect(Bool(false)) }
    #expect(
      failure.description
        == "research.example:80: connection refused (by way of the proxy that Proxy= names)")
  }

  @Test(
    arguments: [
      ("407 Authentication Required", "(status 407): it wants USER:PASSWORD@ before its name in Proxy="),
      ("403 Filtered", "(status 403): it does not let this machine connect to there"),
      ("500 Unable to connect", "(status 500)"),
    ])
  func `a proxy that lets nobody through is told from a server that breaks off`(
    status: String, cause: String
  ) async throws {
    let proxy = ScriptedServer([[.readRequest, .send(answer(status, "x"))]])
    let engine = try TransferEngine(TransferOptions(proxy: "http://127.0.0.1:\(proxy.port)"))
    let result = await engine.send(Self.form("https://research.example/api"))
    guard case .failed(let failure, sent: .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(
      failure.description
        == "research.example:443: no way through \(cause) (by way of the proxy that Proxy= names)")
  }

  @Test func `a password stands in no description`() {
    var options = TransferOptions()
    options.credentials = .init(user: "haplo", password: "s3cret")
    var dumped = ""
    dump(options, to: &dumped)
    for text in ["\(options)", String(reflecting: options), dumped] { #expect(!text.contains("s3cret")) }
  }

  /// The engine sleeps in one way without requests and in another one with them; whoever comes at the moment between must
  /// not be forgotten.
  @Test func `nobody is left waiting, whenever they come and go`() async throws {
    let exchange: [ScriptedServer.Action] = [.readRequest, .send(answer("200 OK", "x"))]
    let server = ScriptedServer([[[ScriptedServer.Action]](repeating: exchange, count: 1000).flatMap { $0 }])
    let engine = try TransferEngine(.patient)
    await withTaskGroup(of: Void.self) { group in
      for sender in 0..<3 {
        group.addTask {
          for number in 0..<50 {
            let task = Task { await engine.send(Self.form(server.url)) }
            if number % 3 == sender { task.cancel() }
            let result = await task.value
            #expect(Self.status(of: result) == 200 || Self.kind(of: result) == .cancelled)
          }
        }
      }
    }
  }

  static func form(_ url: String, _ batch: String = "b") -> TransferRequest {
    TransferRequest(url: url, body: .form([("batch", batch)]))
  }

  static func status(of result: TransferResult) -> Int {
    if case .answered(let answer, _) = result { answer.status } else { 0 }
  }

  static func kind(of result: TransferResult) -> TransferFailure.Kind? {
    if case .failed(let failure, _) = result { failure.kind } else { nil }
  }
}
