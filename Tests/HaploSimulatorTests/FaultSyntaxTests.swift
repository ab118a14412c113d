import HaploSimulator
import Testing

@Suite struct FaultSyntaxTests {
  @Test(arguments: [
    ("file:drop:nth=2", Fault(.drop, at: .file, nth: 2)),
    ("any:cut:bytes=10", Fault(.cut(after: 10), at: nil)),
    ("schedule:429:retry-after=5:count=3", Fault(.fail(429, retryAfter: "5"), at: .schedule, count: 3)),
    ("batch:fail", Fault(.fail(500), at: .batch)),
    ("control:proxy:probability=0.25:seed=9", Fault(.proxy(), at: .control, probability: 0.25, seed: 9)),
    ("file:stall:for=1.5s:at=body", Fault(.stall(.milliseconds(1500), at: .body), at: .file)),
    ("file:latency:for=50ms", Fault(.latency(.milliseconds(50)), at: .file)),
    ("file:redirect:location=https://h:1/p", Fault(.redirect(to: "https://h:1/p"), at: .file)),
    ("file:html:body=<p>a:b</p>", Fault(.html("<p>a:b</p>"), at: .file)),
    ("any:forget-controls", Fault(.forgetControls, at: nil)),
    ("pages:403", Fault(.fail(403), on: .anyPage)),
    ("list-page:unknown-markup:nth=1", Fault(.unknownMarkup, on: .page(.list), nth: 1)),
    ("batch-page:large-log", Fault(.largeLog(15 << 20), on: .page(.batch))),
    ("pages:truncated:bytes=100", Fault(.truncated(100), on: .anyPage)),
    ("schedule:lose-job", Fault(.loseJob, at: .schedule)),
    (
      "schedule:complete:errors=3:for=2s:comment=hr:batch=7",
      Fault(
        .job(JobPlan(.finished(errors: 3), duration: .seconds(2), comment: "hr", batch: 7)), at: .schedule)
    ),
    ("schedule:exception", Fault(.job(JobPlan(.exception)), at: .schedule)),
    ("schedule:dead-worker:nth=2", Fault(.job(JobPlan(.deadWorker)), at: .schedule, nth: 2)),
  ])
  func `a fault is read as it is written`(text: String, wanted: Fault) throws {
    let fault = try Fault(text)
    #expect(fault.kind == wanted.kind)
    #expect(fault.target == wanted.target)
    #expect(fault.nth == wanted.nth && fault.count == wanted.count)
    #expect(fault.probability == wanted.probability && fault.seed == wanted.seed)
    #expect(fault.text == text)
  }

  @Test(arguments: [
    ("", "'' is not STEP:KIND[:SETTING=VALUE]…"), ("file", "'file' is not STEP:KIND[:SETTING=VALUE]…"),
    (
      "files:drop",
      "'files' is not a step (control, batch, file, schedule, any) or page (list-page, batch-page, pages)"
    ),
    ("any:stuck", "'stuck' is a kind of fault for schedule only"),
    ("pages:lose-job", "'lose-job' is a kind of fault for schedule only"),
    ("any:large-log", "'large-log' is a kind of fault for list-page, batch-page and pages only"),
    ("schedule:exception:errors=1", "'errors' is not a setting of this fault"),
    ("file:fall", "'fall' is not a kind of fault"), ("file:99", "'99' is not a kind of fault"),
    ("file:drop:nth", "'nth' in 'file:drop:nth' is not SETTING=VALUE"),
    ("file:drop:nth=x", "'nth=x' is not a number"),
    ("file:drop:status=500", "'status' is not a setting of this fault"),
    ("file:drop:probability=2", "'probability=2' is not a number from 0 to 1"),
    ("file:stall:for=long", "'for=long' is not a time (50ms, 1.5s, 2min)"),
    ("file:fail:at=noon", "'at=noon' is not headers, body or end"),
    ("file:fail:status=99", "'status=99' is not a status from 200 to 599"),
  ])
  func `a fault that is written wrongly is explained`(text: String, complaint: String) {
    #expect(throws: FaultSyntaxError.self) { try Fault(text) }
    do { _ = try Fault(text) } catch { #expect(error.description == complaint) }
  }

  @Test(arguments: [
    (#"{"step":"file","kind":"drop","nth":1}"#, #"["file:drop:nth=1"]"#),
    (#"[{"kind":503,"retry-after":"5"},"file:cut"]"#, #"["any:503:retry-after=5","file:cut"]"#),
    (#""file:half""#, #"["file:half"]"#),
    ("file:drop\nbatch:503:count=2\n", #"["file:drop","batch:503:count=2"]"#),
  ])
  func `faults are added and removed while it runs`(body: String, listed: String) throws {
    let simulator = try Simulator(apiKey: goodKey)
    let added = try simulator.admin("POST", "faults", body)
    #expect(added?.status == 200)
    #expect(added?.body == listed + "\n")
    #expect(try simulator.admin("GET", "faults")?.body == listed + "\n")
    #expect(try simulator.admin("DELETE", "faults")?.status == 200)
    #expect(try simulator.admin("GET", "faults")?.body == "[]\n")
    #expect(simulator.record.requestCount == 0)
  }

  @Test(arguments: ["file:drop\nfile:what", #"[{"kind":"drop"},{"kind":"what"}]"#, #"{"step":"file"}"#, "7"])
  func `nothing is added when one fault is wrong`(body: String) throws {
    let simulator = try Simulator(apiKey: goodKey)
    #expect(try simulator.admin("POST", "faults", body)?.status == 400)
    #expect(try simulator.admin("GET", "faults")?.body == "[]\n")
  }

  @Test func `keys are revoked and accepted while it runs`() throws {
    let simulator = try Simulator(apiKey: goodKey)
    let request = RawRequest.form(.batch, "control=x")
    _ = try simulator.admin("DELETE", "key")
    #expect(try simulator.send(request)?.status == 403)
    _ = try simulator.admin("POST", "key", goodKey + "\n")
    #expect(try simulator.send(request)?.status == 400)
  }

  @Test func `other paths of the simulator are not found`() throws {
    let simulator = try Simulator(apiKey: goodKey)
    #expect(try simulator.admin("GET", "nothing")?.status == 404)
  }
}
