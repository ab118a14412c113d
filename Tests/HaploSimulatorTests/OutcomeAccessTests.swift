import HaploSimulator
import Testing

@testable import struct HaploSimulator.JSONReader

/// docs/server.md, "Jobs and their pages": who may read the pages, and what reading costs the server.
@Suite struct OutcomeAccessTests {
  private let bench: OutcomeBench
  private var simulator: Simulator { bench.simulator }
  private let form = RawRequest.form(.batch, "control=x")

  init() throws { bench = try OutcomeBench() }

  @Test(arguments: ["batches", "batch/1", "batch/2"])
  func `the import key cannot read the pages`(page: String) throws {
    _ = try bench.newBatch()
    let answer = try simulator.send(.page(page).with { $0.key = goodKey })
    #expect(answer?.status == 403)
    #expect(answer?.body.contains("Request denied for security reasons") == true)
  }

  @Test func `the key for the pages cannot use the API, nor other pages`() throws {
    #expect(try simulator.send(form.with { $0.key = outcomeKey })?.status == 403)
    let multipart = RawRequest.multipart(.file, [.file("{}")]).with { $0.key = outcomeKey }
    #expect(try simulator.send(multipart)?.body.contains("INVALID-API-KEY") == true)
    #expect(try simulator.send(.page("batches").with { $0.path = "/do/admin" })?.status == 403)
    #expect(try simulator.send(.page("control-files"))?.status == 403)
    #expect(simulator.record.batches.isEmpty)
  }

  @Test(arguments: ["batches", "batch/1"])
  func `without a key there is a redirection to a login page`(page: String) throws {
    let answer = try simulator.send(.page(page).with { $0.key = nil })
    #expect(answer?.status == 302)
    #expect(answer?.headers["location"] == "/do/authentication/login")
  }

  @Test(arguments: ["batches", "batch/1"])
  func `a user who is not in the group gets a page with status 200`(page: String) throws {
    _ = try bench.newBatch()
    try simulator.add("pages:not-permitted")
    let answer = try simulator.send(.page(page))
    #expect(answer?.status == 200)
    #expect(
      answer?.body.contains(
        "<div class=\"z__general_alert\">You are not permitted to perform this action.</div>") == true)
    #expect(answer?.body.contains("Batches:") == false)
  }

  @Test func `failures of both keys count in one lockout`() throws {
    let wrong = RawRequest.page("batches").with { $0.key = "wrong-wrong-wrong-wrong" }
    for _ in 0..<25 { #expect(try simulator.send(wrong)?.status == 403) }
    for _ in 0..<25 { _ = try simulator.send(form.with { $0.key = "wrong-wrong-wrong-wrong" }) }
    #expect(try simulator.send(form)?.status == 403)
    #expect(try simulator.send(.page("batches"))?.status == 403)
    bench.clock.advance(.seconds(301))
    #expect(try simulator.send(form)?.status == 400)
    #expect(try simulator.send(.page("batches"))?.status == 200)
  }

  @Test func `the import key at the pages counts as a failure`() throws {
    for _ in 0..<50 { _ = try simulator.send(.page("batches").with { $0.key = goodKey }) }
    #expect(try simulator.send(form)?.status == 403)
  }

  @Test func `the keys are revoked and accepted apart`() throws {
    simulator.revokeOutcomeKey()
    #expect(try simulator.send(.page("batches"))?.status == 403)
    #expect(try simulator.send(form)?.status == 400)
    _ = try simulator.admin("POST", "outcome-key", outcomeKey)
    #expect(try simulator.send(.page("batches"))?.status == 200)
    _ = try simulator.admin("DELETE", "outcome-key")
    #expect(try simulator.send(.page("batches"))?.status == 403)
    simulator.acceptOutcomeKey(outcomeKey)
    simulator.revokeKey()
    #expect(try simulator.send(.page("batches"))?.status == 200)
    #expect(try simulator.send(form)?.status == 403)
  }

  @Test(arguments: ["revoke", "block"])
  func `a fault at the pages takes their key, not the other`(kind: String) throws {
    try simulator.add("pages:\(kind):nth=1")
    for _ in 0..<2 { #expect(try simulator.send(.page("batches"))?.status == 403) }
    #expect(try simulator.send(form)?.status == 400)
  }

  @Test func `a batch's page makes a session unless the cookie comes back`() throws {
    _ = try bench.newBatch()
    #expect(try simulator.send(.page("batches"))?.headers["set-cookie"] == nil)
    let first = try #require(try simulator.send(.page("batch/1"))?.headers["set-cookie"])
    #expect(first.hasPrefix("s=") && first.contains("HttpOnly"))
    let cookie = String(first.dropFirst(2).prefix { $0 != ";" })
    for _ in 0..<3 {
      #expect(try simulator.send(.page("batch/1", cookie: cookie))?.headers["set-cookie"] == nil)
    }
    #expect(simulator.record.sessions.made == 1)
    _ = try simulator.send(.page("batch/1"))
    _ = try simulator.send(.page("batch/1", cookie: "unknown"))
    #expect(simulator.record.sessions.made == 3 && simulator.record.sessions.live == 3)
  }

  @Test func `no session is made for a number that is unknown`() throws {
    _ = try simulator.send(.page("batch/1"))
    #expect(simulator.record.sessions.made == 0)
  }

  @Test func `one session above the limit and those of all users are gone`() throws {
    let bench = try OutcomeBench { $0.sessionLimit = 3 }
    _ = try bench.newBatch()
    let answer = try #require(try bench.simulator.send(.page("batch/1")))
    let cookie = String(try #require(answer.headers["set-cookie"]).dropFirst(2).prefix { $0 != ";" })
    for _ in 0..<2 { _ = try bench.simulator.send(.page("batch/1")) }
    #expect(try bench.simulator.send(.page("batch/1", cookie: cookie))?.headers["set-cookie"] == nil)
    #expect(bench.simulator.record.sessions.drops == 0)
    _ = try bench.simulator.send(.page("batch/1"))
    #expect(bench.simulator.record.sessions.drops == 1 && bench.simulator.record.sessions.live == 1)
    #expect(try bench.simulator.send(.page("batch/1", cookie: cookie))?.headers["set-cookie"] != nil)
  }

  @Test func `the limit is ten thousand`() {
    #expect(SimulatorOptions(apiKey: goodKey).sessionLimit == 10_000)
  }

  @Test func `requests for the pages are counted by path, in the record and over HTTP`() throws {
    _ = try bench.newBatch()
    for page in ["batches", "batch/1", "batch/1"] { _ = try simulator.send(.page(page)) }
    _ = try simulator.send(.page("batches").with { $0.key = nil })
    let folder = "/do/haplo-data-import-batch/"
    #expect(simulator.record.pageRequests == [folder + "batches": 2, folder + "batch/1": 2])
    #expect(simulator.record.requests(ofPage: .list) == 2 && simulator.record.requests(ofPage: .batch) == 2)
    let text = try #require(try simulator.admin("GET", "record")).body
    let record = try #require(JSONReader.parse(Array(text.utf8)))
    #expect(record["requests"]?["list-page"]?.scriptText == "2")
    #expect(record["pages"]?[folder + "batch/1"]?.scriptText == "2")
    #expect(record["sessions"]?["made"]?.scriptText == "2")
    #expect(simulator.record.requests(of: nil) == 0)
  }
}
