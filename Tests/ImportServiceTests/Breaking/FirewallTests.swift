@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
import Synchronization
import Testing

/// Something in front of the server that answers in its place, or fails, where a test says so.
struct Firewall: Transport {
  let client: any Transport
  let exchange: @Sendable (ServerRequest) async -> Exchange?

  func perform(_ request: ServerRequest) async -> Exchange {
    if let exchange = await exchange(request) { return exchange }
    return await client.perform(request)
  }
}

extension ServerRequest {
  /// True for the upload of this data file.
  fileprivate func isFile(_ digest: String) -> Bool {
    if case .file(_, _, let file) = kind { file.digest.hex == digest } else { false }
  }

  fileprivate func isControl(_ digest: String) -> Bool {
    if case .control(let file, _) = kind { file.digest.hex == digest } else { false }
  }

  /// True for what the daemon asks to see whether the server accepts requests.
  fileprivate var isProbe: Bool {
    if case .batch(.ofNothing, _) = kind { true } else { false }
  }
}

/// One set is refused while others pass, or all are: who is blamed for it.
@Suite(.timeLimit(.minutes(5))) struct FirewallTests {
  private static let page = Answer(
    status: 403, mediaType: "text/html",
    body: "<html><head><script>1</script><title>Blocked</title></head><body>ID 4711</body></html>")
  private static let ownError = Answer(
    status: 500, mediaType: "text/html", body: "<html><head><title>Error</title></head><body></body></html>")

  let place = Place()
  let simulator: Simulator
  var service: TestService
  let bad = SampleSet(name: "a-bad", keys: ["data0"])
  let others = [
    SampleSet(name: "b-good"), SampleSet(name: "c-good"), SampleSet(name: "one", source: "finance"),
    SampleSet(name: "two", source: "students"),
  ]

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "MaxInFlight=1", "finance": "", "students": ""]
  }

  /// Runs the daemon behind a firewall until `isDone`.
  private func run(
    _ exchange: @escaping @Sendable (ServerRequest) async -> Exchange?, until isDone: (Lines) async -> Bool
  ) async throws {
    var parts = service.parts()
    parts.transport = { Firewall(client: try $0.makeTransport(), exchange: exchange) }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await isDone(service.log), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
  }

  private func once(
    _ time: (any Time)? = nil, _ exchange: @escaping @Sendable (ServerRequest) async -> Exchange?
  ) async throws -> ServiceSummary {
    var parts = service.parts()
    if let time { parts.time = time }
    parts.transport = { Firewall(client: try $0.makeTransport(), exchange: exchange) }
    return try await Service(parts, purpose: .once, signals: nil).run()
  }

  @Test func `a set whose file a firewall refuses is held with the page quoted, and the others go on`()
    async throws
  {
    let digest = SampleSet.digest(bad.content("data0"))
    for set in [bad] + others { set.drop(in: place) }
    try await run {
      $0.isFile(digest) ? .answered(Self.page, sent: .whole) : nil
    } until: { log in
      // Those of its source come after it.
      guard await log.tell(.setHeld) else { return false }
      return await log.tell(.setArchived, times: 2)
    }
    let held = try #require(service.log.of(.setHeld).first)
    #expect(held["http"] == "403" && held["step"] == "file")
    #expect(held["reason"]?.contains("page 'Blocked': <html><head><script>1</script>") == true, "\(held)")
    #expect(service.log.of(.setDeferred).count == 9)
    #expect(service.log.of(.serverRefused).isEmpty && service.log.of(.setRejected).isEmpty)
    Promise(place: place, record: simulator.record, scheduled: others, context: service.log.text)
      .checkScheduling()
    let reason = try #require(place.files(below: "spool/held").first { $0.hasSuffix("REASON.txt") })
    #expect(place.text("\(place.spool)/held/\(reason)").contains("<script>1</script>"))
  }

  @Test func `a control file that the server always fails on is held at the tenth time`() async throws {
    let digest = SampleSet.digest(SampleSet.control(keys: bad.keys))
    for set in [bad] + others { set.drop(in: place) }
    try await run {
      $0.isControl(digest) ? .answered(Self.ownError, sent: .whole) : nil
    } until: { log in
      guard await log.tell(.setHeld) else { return false }
      return await log.tell(.setArchived, times: 2)
    }
    #expect(service.log.of(.setHeld).count == 1 && service.log.of(.setDeferred).count == 9)
    Promise(place: place, record: simulator.record, scheduled: others, context: service.log.text)
      .checkScheduling()
  }

  @Test(arguments: [403, 400, 404, 200, 302, 401])
  func `what answers all requests in the server's place concerns no set and no key`(status: Int) async throws
  {
    for set in [bad] + others { set.drop(in: place) }
    let (count, time) = (Counter(), ManualTime())
    let answer = Answer(status: status, mediaType: "text/html", body: "<html>portal</html>")
    for _ in 0..<3 {
      let summary = try await once(time) { _ in
        _ = count.next()
        return .answered(answer, sent: .whole)
      }
      #expect(summary.stop == .wrongAddress && summary.rejected == 0 && summary.deferred == 5)
    }
    #expect(count.current == 2, "one request, and a probe that confirms it")
    let told = service.log.of(.serverRefused)
    #expect(told.count == 1 && told[0]["reason"]?.contains("<html>portal</html>") == true)
    #expect(told[0]["remedy"]?.contains("APIKeyFile=") == false)
    time.advance(by: .seconds(601))
    #expect(try await once(time) { _ in nil }.deferred == 0)
    Promise(place: place, record: simulator.record, scheduled: [bad] + others, context: service.log.text)
      .check()
  }

  /// Rows: whether even a probe fails, or uploads alone.
  @Test(arguments: [true, false])
  func `a server that is down for all holds no set, however often it says so`(probesFail: Bool) async throws {
    let sets = [bad] + others
    for set in sets { set.drop(in: place) }
    let down = Answer(status: 503, mediaType: "text/html", body: "<h1>Back soon</h1>")
    try await run { request in
      probesFail || request.question.step == .file ? .answered(down, sent: .whole) : nil
    } until: { log in
      await log.tell(.setDeferred, times: 12 * sets.count)
    }
    #expect(service.log.of(.setHeld).isEmpty, "\(service.log.text)")
    #expect(simulator.record.jobs.isEmpty)
  }

  @Test func `a batch id that a cache returns again belongs to the first set alone`() async throws {
    let sets = [SampleSet(name: "one"), SampleSet(name: "two")]
    for set in sets { set.drop(in: place) }
    let state = Mutex((count: 0, first: Exchange?.none))
    let client = try service.load().makeTransport()
    try await run { request in
      guard case .batch = request.kind, !request.isProbe else { return nil }
      let answer = await client.perform(request)
      guard case .answered(let batch, _) = answer, batch.status == 200 else { return answer }
      return state.withLock { state in
        state.count += 1
        if state.count == 1 { state.first = answer }
        return state.count == 2 ? state.first : answer
      }
    } until: { log in
      await log.tell(.setArchived, times: 2)
    }
    #expect(service.log.of(.setDeferred).first?["reason"]?.contains("id of an earlier batch") == true)
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  /// The batch was made with the first set's control file, and only the first set's answer says so.
  @Test func `a batch id that comes to the wrong set first is used for neither`() async throws {
    let sets = [SampleSet(name: "one", source: "finance"), SampleSet(name: "two", source: "students")]
    for set in sets { set.drop(in: place) }
    let state = Mutex((count: 0, first: Exchange?.none))
    let (isUsed, isRefused) = (Latch(), Latch())
    let client = try service.load().makeTransport()
    try await run { request in
      if case .file = request.kind {
        // The set that was given the other's batch uses it before the other is answered, and waits until that one tries again.
        isUsed.signal()
        await isRefused.wait(after: 0)
      }
      guard case .batch = request.kind, !request.isProbe else { return nil }
      let answer = await client.perform(request)
      guard case .answered(let batch, _) = answer, batch.status == 200 else { return answer }
      let (count, first) = state.withLock { state in
        state.count += 1
        if state.count == 1 { state.first = answer }
        return (state.count, state.first)
      }
      switch count {
      case 1: await isUsed.wait(after: 0)
      case 2: return first
      default: isRefused.signal()
      }
      return answer
    } until: { log in
      await log.tell(.setArchived, times: 2)
    }
    let abandoned = service.log.of(.batchAbandoned).filter {
      $0["reason"]?.contains("to another set as well") == true
    }
    #expect(abandoned.count == 1, "\(service.log.text)")
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }
}
