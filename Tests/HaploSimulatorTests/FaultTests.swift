import HaploSimulator
import Testing

@Suite struct FaultTests {
  private let simulator: Simulator
  private let batch: String

  init() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.silenceLimit = .seconds(3600)  // a busy machine may be silent for longer than the server bears
    simulator = try Simulator(options)
    batch = try simulator.newBatch()
  }

  private var uploads: Int { simulator.record.batch(batch)?.uploads.count ?? 0 }

  @Test(arguments: [
    ("file:fail", 500, 0), ("file:503", 503, 0),
    ("file:429:retry-after=Wed, 21 Oct 2015 07:28:00 GMT", 429, 0),
    ("file:413:at=headers", 413, 0), ("file:proxy", 502, 1), ("file:proxy:status=504", 504, 1),
    ("file:fail:status=503:at=end", 503, 1), ("file:html", 200, 0), ("file:html:at=end", 200, 1),
    ("file:redirect:location=https://other.example:8443/x", 302, 0), ("file:not-permitted", 200, 0),
    ("any:revoke", 403, 0), ("any:block", 403, 0), ("any:throttle", 403, 0), ("file:forget", 400, 0),
  ])
  func `a fault's answer comes, and the work is done or not`(text: String, status: Int, done: Int) throws {
    try simulator.add(text)
    let answer = try simulator.upload("abc", to: batch)
    #expect(answer?.status == status)
    #expect(uploads == done)
    #expect(simulator.record.requests.last?.faults == [text])
  }

  @Test(arguments: [
    ("file:503:retry-after=-5", "retry-after", "-5"),
    ("file:503:retry-after=Wed, 21 Oct 2015 07:28:00 GMT", "retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ("file:redirect:location=https://o.example:8443/x", "location", "https://o.example:8443/x"),
    ("file:503:type=application/json", "content-type", "application/json"),
  ])
  func `a fault's headers are sent as written`(text: String, header: String, value: String) throws {
    try simulator.add(text)
    #expect(try simulator.upload("abc", to: batch)?.headers[header] == value)
  }

  @Test func `drop does the work and gives no answer`() throws {
    try simulator.add("file:drop")
    #expect(try simulator.upload("abc", to: batch) == nil)
    #expect(uploads == 1)
    #expect(simulator.record.requests.last?.status == nil)
  }

  @Test(arguments: ["cut", "cut:bytes=100"])
  func `cut does nothing and gives no answer`(kind: String) throws {
    try simulator.add("file:\(kind)")
    #expect(try simulator.upload("abc", to: batch) == nil)
    #expect(uploads == 0)
  }

  @Test func `a cut after more bytes than come is none`() throws {
    try simulator.add("file:cut:bytes=100000")
    #expect(try simulator.upload("abc", to: batch)?.status == 200)
  }

  @Test func `half an answer announces more than it sends`() throws {
    try simulator.add("file:half")
    let answer = try #require(try simulator.upload("abc", to: batch))
    #expect(answer.headers["content-length"] == "64")
    #expect(answer.body == "ba7816bf8f01cfea414140de5dae2223")
    #expect(!answer.isWhole)
    #expect(uploads == 1)
  }

  @Test func `a wrong digest has the right form`() throws {
    try simulator.add("file:wrong-digest")
    let body = try #require(try simulator.upload("abc", to: batch)?.body)
    #expect(body.count == 64)
    #expect(!body.hasPrefix("ba7816bf"))
    #expect(body.allSatisfy { "0123456789abcdef".contains($0) })
    #expect(simulator.record.batch(batch)?.uploads.first?.digest.hasPrefix("ba7816bf") == true)
  }

  @Test(arguments: [("headers", 0), ("body", 0), ("end", 1)])
  func `a stall says nothing until the simulator stops, which it does at once`(moment: String, done: Int)
    async throws
  {
    try simulator.add("file:stall:at=\(moment)")
    let connection = try RawConnection(port: simulator.port)
    let request = RawRequest.multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}")])
    connection.send(Array(request.head.utf8) + request.body)
    #expect(await simulator.wait { $0.requests(of: .file) == 1 && $0.batches[0].uploads.count == done })
    let start = ContinuousClock.now
    simulator.stop()
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(connection.answer() == nil)
  }

  @Test func `stopping does not wait for idle connections or for bodies on their way`() async throws {
    let idle = try RawConnection(port: simulator.port)
    let sending = try RawConnection(port: simulator.port)
    sending.send(RawRequest.multipart(.file, [.file("{}")]).head)
    #expect(await simulator.wait { $0.requests(of: .file) == 1 })
    let start = ContinuousClock.now
    simulator.stop()
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(idle.answer() == nil && sending.answer() == nil)
  }

  @Test func `a stall ends when the client goes away`() async throws {
    try simulator.add("file:stall:nth=1")
    do {
      let connection = try RawConnection(port: simulator.port)
      let request = RawRequest.multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}")])
      connection.send(Array(request.head.utf8) + request.body)
      #expect(await simulator.wait { $0.batches[0].uploads.count == 1 })
    }
    #expect(await simulator.wait { $0.requests.last?.step == .file })
  }

  @Test func `a short stall and a latency are waited out`() throws {
    try simulator.add("file:latency:for=20ms")
    try simulator.add("file:stall:for=20ms:at=body")
    let start = ContinuousClock.now
    #expect(try simulator.upload("abc", to: batch)?.status == 200)
    #expect(ContinuousClock.now - start >= .milliseconds(40))
  }

  @Test func `only the nth request of the step is met`() throws {
    try simulator.add("file:503:nth=2")
    #expect(try simulator.schedule("B")?.status == 400)
    #expect(try (0..<4).map { _ in try simulator.upload("abc", to: batch)?.status } == [200, 503, 200, 200])
  }

  @Test func `count says how many are met`() throws {
    try simulator.add("any:503:nth=2:count=2")
    #expect(try (0..<4).map { _ in try simulator.upload("abc", to: batch)?.status } == [200, 503, 503, 200])
  }

  @Test func `a seed makes the same choices again`() throws {
    let runs = try (0..<2).map { _ in
      simulator.clearFaults()
      try simulator.add("file:503:probability=0.5:seed=7")
      return try (0..<20).map { _ in try simulator.upload("abc", to: batch)?.status }
    }
    #expect(runs[0] == runs[1])
    #expect(Set(runs[0]) == [200, 503])
  }

  @Test func `a server that forgot its control files asks for them again`() throws {
    simulator.forgetControls()
    let digest = simulator.record.batches[0].control
    #expect(
      try simulator.send(.form(.batch, "control=\(digest)"))?.body == "Control file not found: \(digest)")
  }

  @Test func `a forgotten batch is not found and stays in the record`() throws {
    simulator.forgetBatches()
    #expect(try simulator.schedule(batch)?.body == "Batch not found: \(batch)")
    #expect(simulator.record.batch(batch)?.isForgotten == true)
  }

  @Test func `at most eight requests are worked on at once`() async throws {
    try simulator.add("file:stall:at=headers:for=1h")
    let request = RawRequest.multipart(.file, [.text("batch", batch), .text("name", "n"), .file("{}")])
    let stalled = try (0..<8).map { _ in try RawConnection(port: simulator.port) }
    for connection in stalled { connection.send(request.head) }
    #expect(await simulator.wait { $0.requests(of: .file) == 8 })
    let ninth = try RawConnection(port: simulator.port)
    let schedule = RawRequest.form(.schedule, "batch=B")
    ninth.send(Array(schedule.head.utf8) + schedule.body)
    // The simulator's own paths need no place, so this answer shows that it is at work.
    #expect(try simulator.admin("GET", "record")?.status == 200)
    #expect(simulator.record.requests(of: .schedule) == 0)
    simulator.clearFaults()
    withExtendedLifetime(stalled) {}
  }
}
