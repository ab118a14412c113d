import HaploSimulator
import Testing

/// What can be wrong with the pages that show what became of batches.
@Suite struct OutcomeFaultTests {
  private let bench: OutcomeBench
  private var simulator: Simulator { bench.simulator }

  init() throws {
    bench = try OutcomeBench()
    try bench.schedule()
    bench.clock.advance(.seconds(10))
  }

  @Test(arguments: [
    ("403", 403), ("404", 404), ("502", 502), ("redirect:location=https://sso.example/login", 302),
    ("html", 200), ("proxy", 502), ("fail:status=429:retry-after=5", 429),
  ])
  func `an answer that is not the server's own comes from both pages`(kind: String, status: Int) throws {
    try simulator.add("pages:\(kind)")
    for page in ["batches", "batch/1"] {
      let answer = try #require(try simulator.send(.page(page)))
      #expect(answer.status == status)
      #expect(!answer.body.contains("<td>"))
    }
    #expect(simulator.record.requests.suffix(2).allSatisfy { $0.faults == ["pages:\(kind)"] })
    // The API is not concerned.
    #expect(try simulator.send(.form(.batch, "control=x"))?.status == 400)
  }

  @Test func `faults of the steps do not concern the pages`() throws {
    try simulator.add("any:503")
    #expect(try simulator.send(.page("batches"))?.status == 200)
  }

  @Test func `a fault can be for one of the pages`() throws {
    try simulator.add("list-page:404")
    #expect(try simulator.send(.page("batches"))?.status == 404)
    #expect(try simulator.send(.page("batch/1"))?.status == 200)
    simulator.clearFaults()
    try simulator.add("batch-page:404:nth=2")
    #expect(try (0..<3).map { _ in try simulator.send(.page("batch/1"))?.status } == [200, 404, 200])
  }

  @Test func `unknown markup has the facts and none of the known rows`() throws {
    try simulator.add("pages:unknown-markup")
    let identifier = simulator.record.batches[0].id
    for page in ["batches", "batch/1"] {
      let answer = try #require(try simulator.send(.page(page)))
      #expect(answer.status == 200)
      #expect(answer.body.contains(identifier))
      #expect(!answer.body.contains("<td>") && !answer.body.contains("<th>"))
    }
  }

  @Test(arguments: [("", 15 << 20), (":bytes=100000", 100_000)])
  func `a large log comes whole`(setting: String, size: Int) throws {
    try simulator.add("batch-page:large-log\(setting)")
    let answer = try #require(try simulator.send(.page("batch/1")))
    #expect(answer.isWhole)
    #expect(answer.body.utf8.count > size)
    #expect(answer.body.contains("<th>State</th><td>complete"))
  }

  @Test func `a truncated page ends early, and its answer does not`() throws {
    let whole = try #require(try simulator.send(.page("batches"))).body
    try simulator.add("pages:truncated:nth=1")
    let half = try #require(try simulator.send(.page("batches")))
    #expect(half.status == 200 && half.isWhole)
    #expect(half.body.utf8.elementsEqual(whole.utf8.prefix(whole.utf8.count / 2)))
    try simulator.add("pages:truncated:bytes=100")
    #expect(try simulator.send(.page("batches"))?.body.utf8.count == 100)
  }

  @Test func `half an answer announces more than it sends`() throws {
    try simulator.add("pages:half")
    let answer = try #require(try simulator.send(.page("batches")))
    #expect(!answer.isWhole)
  }

  @Test(arguments: ["drop", "cut"])
  func `no answer comes`(kind: String) throws {
    try simulator.add("pages:\(kind)")
    #expect(try simulator.send(.page("batches")) == nil)
  }

  @Test func `a slow page says nothing until the client has gone`() async throws {
    try simulator.add("list-page:latency:for=1h:nth=1")
    do {
      let connection = try RawConnection(port: simulator.port)
      connection.send(RawRequest.page("batches").head)
      #expect(await simulator.wait { $0.requests(ofPage: .list) == 1 })
    }
    #expect(await simulator.wait { $0.requests.last?.endpoint == .page(.list) })
    #expect(simulator.record.requests.last?.status == nil)
    #expect(try simulator.send(.page("batches"))?.status == 200)
  }

  @Test func `faults of the pages are added by request as well`() throws {
    #expect(try simulator.admin("POST", "faults", #"{"step":"pages","kind":404,"nth":1}"#)?.status == 200)
    #expect(try (0..<2).map { _ in try simulator.send(.page("batches"))?.status } == [404, 200])
    #expect(
      try simulator.admin("POST", "faults", "schedule:exception:nth=1\nschedule:stuck:nth=2")?.status == 200)
    for _ in 0..<3 { try bench.schedule() }
    bench.clock.advance(.seconds(30))
    #expect(try bench.listed() == ["complete 0", "scheduled ", "error 0", "complete 0"])
  }
}
