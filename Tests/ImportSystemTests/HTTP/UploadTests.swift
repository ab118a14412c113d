import FoundationEssentials
import Glibc
import ImportSystem
import ScriptedServer
import Synchronization
import Testing

/// Bodies: what arrives, and what is said about how much of it was sent.
@Suite struct UploadTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func `a form arrives percent-encoded, with its length and the credentials`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let credentials = TransferOptions.Credentials(user: "haplo", password: "s3cret")
    let engine = try TransferEngine(TransferOptions(credentials: credentials, userAgent: "test/1"))
    let fields = [(name: "comment", value: "Ä & b=c+\n%"), (name: "batch", value: "A-_z")]
    _ = await engine.send(TransferRequest(url: server.url, body: .form(fields)))
    let request = try #require(server.requests.first)
    #expect(request.body == Array("comment=%C3%84%20%26%20b%3Dc%2B%0A%25&batch=A-_z".utf8))
    let lines = request.head.components(separatedBy: "\r\n")
    #expect(lines[0] == "POST /api HTTP/1.1")
    #expect(lines.contains("Authorization: Basic aGFwbG86czNjcmV0"))
    #expect(lines.contains("Content-Type: application/x-www-form-urlencoded"))
    #expect(lines.contains("Content-Length: 48"))
    #expect(lines.contains("User-Agent: test/1"))
    #expect(!request.head.contains("Expect"))
  }

  /// Sizes on both sides of those that are sent in one piece with the headers, or of what is read at once; and one whose
  /// bytes are shared out.
  @Test(
    arguments: [
      ("data.json", "data.json"), ("a b;c,d=e.tsv", "a b;c,d=e.tsv"),
      ("Studierende-äöü-日本.xml", "Studierende-äöü-日本.xml"),
      ("quo\"te\r\n.xml", "quo%22te%0D%0A.xml"),
    ],
    [(0, nil), (1_000, nil), (65_000, nil), (70_000, nil), (600_000, nil), (5_000, 20_000)] as [(Int, Int64?)]
  )
  func `a multipart body arrives byte for byte`(names: (String, String), kind: (Int, Int64?)) async throws {
    let ((name, sentName), (size, limit)) = (names, kind)
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let file = TransferFile(field: "file", name: name, file: try folder.file("f", bytes), size: Int64(size))
    let fields = [(name: "batch", value: "ABC"), (name: "name", value: "schlüssel & \"x\"")]
    let result = await (try TransferEngine(TransferOptions(bandwidthLimit: limit))).send(
      TransferRequest(url: server.url, body: .multipart(fields: fields, file: file)))
    guard case .answered(_, .whole) = result else { return #expect(Bool(false), "\(result)") }
    let request = try #require(server.requests.first)
    #expect(!request.head.contains("chunked"))
    let boundary = try #require(
      request.head.components(separatedBy: "boundary=").last?.prefix { $0 != "\r\n" })
    var expected = Array(
      ("--\(boundary)\r\nContent-Disposition: form-data; name=\"batch\"\r\n\r\nABC\r\n"
        + "--\(boundary)\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nschlüssel & \"x\"\r\n"
        + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(sentName)\"\r\n"
        + "Content-Type: application/octet-stream\r\n\r\n").utf8)
    expected += bytes + Array("\r\n--\(boundary)--\r\n".utf8)
    #expect(request.body == expected)
    #expect(request.head.contains("\r\nContent-Length: \(expected.count)\r\n"))
  }

  @Test func `progress ends with the whole body`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let last = Mutex<Int64>(0)
    _ = await send(1000, to: server) { now in last.withLock { $0 = now } }
    #expect(last.withLock { $0 } == Int64(server.requests[0].body.count))
  }

  @Test func `an empty file arrives as an empty part`() async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let result = await send(0, to: server)
    guard case .answered(_, .whole) = result else { return #expect(Bool(false), "\(result)") }
    #expect(String(decoding: server.requests[0].body, as: UTF8.self).contains("octet-stream\r\n\r\n\r\n--"))
  }

  @Test(arguments: [0, 1_000, 3_000_000])
  func `an answer before the body is read, though the connection then breaks`(size: Int) async throws {
    for _ in 0..<20 {
      let server = ScriptedServer([[.readHead, .send(answer("403 Forbidden", "INVALID")), .reset]])
      let result = await send(size, to: server)
      guard case .answered(let answer, let sent) = result else { return #expect(Bool(false), "\(result)") }
      #expect(answer.status == 403)
      #expect(answer.body == Array("INVALID".utf8))
      #expect(sent == .part || size < 2_000_000)
    }
  }

  @Test func `an answer in the middle of the body is read, though the connection then breaks`() async throws {
    for _ in 0..<20 {
      let script: [ScriptedServer.Action] = [
        .readHead, .send("HTTP/1.1 100 Continue\r\n\r\n"), .readBytes(1_000_000),
        .send(answer("403 Forbidden", "INVALID")),
      ]
      let result = await send(60_000_000, to: ScriptedServer([script]))
      guard case .answered(let answer, let sent) = result else { return #expect(Bool(false), "\(result)") }
      #expect(answer.status == 403)
      #expect(sent == .part)
    }
  }

  @Test func `a refusal to continue is not followed by the body`() async throws {
    let server = ScriptedServer([[.readHead, .send(answer("403 Forbidden", "no")), .readBytes(1)]])
    guard case .answered(let answer, let sent) = await send(5_000_000, to: server, .patient) else {
      return #expect(Bool(false))
    }
    #expect(answer.status == 403)
    #expect(sent == .part)
    #expect(server.requests[0].head.contains("Expect: 100-continue"))
    #expect(server.requests[0].body.isEmpty)
  }

  @Test func `a server that knows no Expect gets the body after a second`() async throws {
    let server = ScriptedServer([[.skimRequest, .send(answer("200 OK", "x"))]])
    guard case .answered(_, .whole) = await send(2_000_000, to: server) else { return #expect(Bool(false)) }
  }

  @Test(arguments: ["", "Connection: close\r\n"])
  func `a refusal of Expect itself is followed by one whole request without it`(headers: String) async throws
  {
    let server = ScriptedServer([
      [.readHead, .send(answer("417 Expectation Failed", "", headers: headers))],
      [.skimRequest, .send(answer("200 OK", "x"))],
    ])
    let result = await send(2_000_000, to: server, .patient)
    guard case .answered(let answer, .whole) = result else { return #expect(Bool(false), "\(result)") }
    #expect(answer.status == 200)
    #expect(server.requests.map { $0.head.contains("Expect") } == [true, false])
  }

  @Test func `a body that stands still is given up`() async throws {
    let server = ScriptedServer([[.readHead, .send("HTTP/1.1 100 Continue\r\n\r\n"), .stand]])
    let result = await send(60_000_000, to: server, TransferOptions(stallTimeout: .seconds(2)))
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause == "no byte moved for 2s while sending")
    #expect(sent == .part)
  }

  @Test func `a connection cut in the body is a part sent`() async throws {
    let server = ScriptedServer([
      [.readHead, .send("HTTP/1.1 100 Continue\r\n\r\n"), .readBytes(1_000_000), .reset]
    ])
    let result = await send(60_000_000, to: server)
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .broken)
    #expect(sent == .part)
  }

  @Test(arguments: [-1, 1, 5_000])
  func `a file of another size than said is not sent`(difference: Int64) async throws {
    let server = ScriptedServer([[.readRequest, .send(answer("200 OK", "x"))]])
    let file = TransferFile(
      field: "file", name: "f", file: try folder.file("f", [UInt8](repeating: 1, count: 10_000)),
      size: 10_000 + difference)
    let result = await (try TransferEngine(TransferOptions())).send(
      TransferRequest(url: server.url, body: .multipart(fields: [], file: file)))
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .fileChanged)
    #expect(failure.place == folder.path + "/f")
    #expect(sent == .nothing)
  }

  @Test(arguments: [1_000, 70_000_000])
  func `a file that changes its size while it is sent ends the transfer`(newSize: Int) async throws {
    let server = ScriptedServer([[.skimRequest, .send(answer("200 OK", "x"))]])
    let path = folder.path + "/f"
    let result = await send(60_000_000, to: server) { _ in truncate(path, newSize) }
    guard case .failed(let failure, let sent) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .fileChanged)
    #expect("\(failure)".hasPrefix("\(path): it has \(newSize) bytes where 60000000 were to be sent"))
    #expect(sent == .part)
  }

  @Test func `a text with a NUL is refused before anything is sent`() async throws {
    let request = TransferRequest(url: "http://127.0.0.1:1/", body: .form([("comment", "a\0b")]))
    guard case .failed(let failure, .nothing) = await (try TransferEngine(TransferOptions())).send(request)
    else { return #expect(Bool(false)) }
    #expect(failure.kind == .invalidRequest)
  }

  @Test func `memory does not grow with the file`() async throws {
    let server = ScriptedServer([[.skimRequest, .send(answer("200 OK", "x"))]])
    let before = residentBytes()
    let most = Mutex(0)
    let result = await send(1 << 30, to: server) { _ in
      let now = residentBytes()
      most.withLock { $0 = max($0, now) }
    }
    guard case .answered(_, .whole) = result else { return #expect(Bool(false), "\(result)") }
    // Other tests run beside this one in the same process; a file held in memory would be four times as much.
    #expect(most.withLock { $0 } - before < 256 << 20)
  }

  /// Sends a sparse file of that size.
  private func send(
    _ size: Int, to server: ScriptedServer, _ options: TransferOptions = TransferOptions(),
    onProgress: (@Sendable (Int64) -> Void)? = nil
  ) async -> TransferResult {
    do {
      let file = try folder.file("f", [])
      truncate(folder.path + "/f", size)
      let part = TransferFile(field: "file", name: "f", file: file, size: Int64(size))
      return await (try TransferEngine(options)).send(
        TransferRequest(
          url: server.url, body: .multipart(fields: [("batch", "b")], file: part), onProgress: onProgress))
    } catch {
      return .failed(TransferFailure(.cancelled, at: "", "\(error)"), sent: .nothing)
    }
  }
}

/// Bytes of this process that are in memory (proc_pid_statm(5)).
private func residentBytes() -> Int {
  guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
  return Int(text.split(separator: " ")[1])! * 4096
}
