@testable import HaploAPI
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import Synchronization
import Testing

@testable import ImportService

/// Who may ask the server, and what is believed of whom, when the configuration is read again in between.
@Suite(.timeLimit(.minutes(5))) struct ServerGateTests {
  private let files: JournalPlace
  private let time = WatchedTime()
  private let log = Lines()
  private let journal: Journal

  init() throws {
    files = try JournalPlace()
    journal = try Journal(in: files.open(), time: time, log: log)
  }

  private static let refusal = ServerSign.stopped(.keyRefused, Reason("refused"))
  private static let outage = ServerSign.failed(Reason("no answer"))

  private func gate(limit: Int = 4) -> ServerGate {
    ServerGate(
      store: journal, settings: Self.settings(limit: limit), key: "old", time: time, log: log)
  }

  private static func settings(_ url: String = url, limit: Int = 4, proxy: String? = nil) -> ServerSettings {
    var settings = ServerSettings(url: url)
    (settings.maxConnections, settings.proxy) = (limit, proxy)
    return settings
  }

  private static let url = "https://research.example/"

  @Test func `a stop that the journal remembers is told at the start while it goes on`() async throws {
    try await ask(gate(), Self.refusal)
    let told = log.of(.serverRefused).count
    await gate().logStop()
    #expect(log.of(.serverRefused).count == told + 1)
    let next = ServerGate(
      store: journal, settings: Self.settings(), key: "new", time: time, log: log)
    await next.logStop()
    #expect(log.of(.serverRefused).count == told + 1, "another key is tried at once")
  }

  /// Rows: how the probe ends that was begun with the old key.
  @Test(arguments: [refusal, outage, .answered, .accepted])
  func `a probe that a reload has overtaken tells nothing of what is in force now`(late: ServerSign)
    async throws
  {
    let gate = gate()
    try await ask(gate, Self.refusal)
    time.manual.advance(by: .seconds(331))
    let (probe, second) = (Probe(), Probe())
    let prober = Task { [gate] in try await gate.enter { await probe.ask() } }
    await probe.begun()
    let next = await successor(of: gate, key: "good")
    let breaker = await next.current
    #expect(breaker.stop?.next == time.now)
    let other = Task { try await next.enter { await second.ask() } }
    await second.begun()
    probe.end(late)
    #expect(try await !prober.value, "it is to ask at the new gate")
    #expect(await next.current == breaker)
    #expect(log.of(.serverRefused).count == 1 && log.of(.serverAccepted).isEmpty)
    second.end(.accepted)
    #expect(try await other.value)
    #expect(log.of(.serverAccepted).count == 1)
  }

  /// Rows: how a request ends that was let pass before the reload.
  @Test(arguments: [refusal, outage, .accepted])
  func `nor does a request that was under way`(late: ServerSign) async throws {
    let gate = gate()
    try #require(try await enter(gate))
    let next = await successor(of: gate, key: "good")
    let breaker = await next.current
    try await gate.leave(late)
    #expect(await next.current == breaker)
    #expect(!breaker.isProven)
    #expect(await next.trouble == nil)
  }

  /// A file of gigabytes to a server that is to be left would else bar the new one until it has ended.
  @Test(arguments: ["another server", "another key", "another proxy"])
  func `nothing waits for what is under way with other settings`(change: String) async throws {
    let gate = gate(limit: 1)
    try #require(try await enter(gate))
    let next =
      switch change {
      case "another server":
        await successor(of: gate, Self.settings("https://other.example/", limit: 1), key: "old")
      case "another key": await successor(of: gate, Self.settings(limit: 1), key: "good")
      default:
        await successor(of: gate, Self.settings(limit: 1, proxy: "http://proxy.example:3128"), key: "old")
      }
    try #require(try await enter(next))
    // Nor does its end make room for one more.
    try await gate.leave(.accepted)
    let waiter = Waiter(time)
    let third = Task { try await waiter.enter(next) }
    await waiter.waits(at: next)
    #expect(!waiter.hasEntered)
    try await next.leave(.accepted)
    #expect(try await third.value)
  }

  @Test func `a reload that changes neither keeps what is proven, and counts what is under way`() async throws
  {
    let gate = gate(limit: 2)
    try await ask(gate, .accepted)
    for _ in 1...2 { try #require(try await enter(gate)) }
    let next = await successor(of: gate, Self.settings(limit: 2), key: "old")
    #expect(await next.current.isProven)
    let waiter = Waiter(time)
    let third = Task { try await waiter.enter(next) }
    await waiter.waits(at: next)
    #expect(!waiter.hasEntered)
    try await gate.leave(.answered)
    #expect(try await third.value)
  }

  /// Else each reload would cost as many failures more as there are requests at once, and 50 lock the host out.
  @Test(arguments: [ServerStop.keyRefused, .throttled])
  func `a key that was refused is, though a reload has read it again meanwhile`(cause: ServerStop)
    async throws
  {
    let gate = gate()
    try await ask(gate, .accepted)
    for _ in 1...2 { try #require(try await enter(gate)) }
    let last = await successor(of: successor(of: gate, key: "old"), key: "old")
    for _ in 1...2 { try await gate.leave(.stopped(cause, Reason("refused"))) }
    #expect(await last.current.stop?.cause == cause)
    #expect(await last.current.isProven == false)
    #expect(log.of(.serverRefused).count == 1)
  }

  @Test func `while a probe is out, a reload with the same key begins no other`() async throws {
    let gate = gate()
    try await ask(gate, .stopped(.throttled, Reason("locked out")))
    time.manual.advance(by: .seconds(331))
    let probe = Probe()
    let prober = Task { [gate] in try await gate.enter { await probe.ask() } }
    await probe.begun()
    let next = await successor(of: gate, key: "old")
    let waiter = Waiter(time)
    let other = Task { try await waiter.enter(next) }
    await waiter.waits(at: next)
    probe.end(.stopped(.throttled, Reason("locked out")))
    #expect(try await !prober.value)
    #expect(await next.current.stop?.next == time.now.advanced(by: .seconds(330)))
    other.cancel()
    _ = await other.result
  }

  /// Such as a person who rejects the very set whose task asks.
  @Test func `a refusal that a probe was told counts, though who asked is called back`() async throws {
    let gate = gate()
    try await ask(gate, Self.refusal)
    time.manual.advance(by: .seconds(331))
    let probe = Probe()
    let prober = Task { [gate] in try await gate.enter { await probe.ask() } }
    await probe.begun()
    probe.end(Self.refusal)
    prober.cancel()
    _ = await prober.result
    #expect(await gate.current.stop?.next == time.now.advanced(by: .seconds(330)))
  }

  /// Rows: whether the server that does not answer is still the one in force. Its failure would have the set wait for minutes,
  /// and count towards holding it.
  @Test(arguments: [false, true])
  func `a failure of the server before is none of the set's`(isLeft: Bool) async throws {
    let gate = gate()
    let transport = SilentTransport()
    let server = Server(url: Self.url, transport: transport, gate: gate)
    let heartbeat = Heartbeat(time: time)
    let asking = Task {
      try await server.ask(
        .batch(control: .ofNothing, comment: nil), for: SetID("20261124T070512Z-hr-7f3k2m9q")!
      ) {
        (heartbeat.begin("asking"), { _ in })
      }
    }
    await transport.begun()
    _ = await successor(
      of: gate, isLeft ? Self.settings("https://other.example/") : Self.settings(), key: "old")
    transport.fail()
    let verdict = try await asking.value
    if case .again = verdict?.verdict { #expect(!isLeft) } else { #expect(isLeft && verdict == nil) }
  }

  @Test func `what we end ourselves says nothing about the server`() async throws {
    let gate = gate()
    try await ask(gate, .accepted)
    try await ask(gate, Self.outage)
    let trouble = try #require(await gate.trouble)
    try await ask(gate, .nothing)
    #expect(await gate.trouble?.failures == trouble.failures)
    try await ask(gate, .answered)
    #expect(await gate.trouble == nil)
  }

  /// Rows: how many requests fail in a row, and how the next one ends.
  @Test(arguments: [1, 2, 5], [ServerSign.accepted, .answered])
  func `the end of several failures has a line in the log, one failure has none`(count: Int, end: ServerSign)
    async throws
  {
    let gate = gate()
    let start = time.now
    for _ in 0..<count {
      try await ask(gate, Self.outage)
      time.manual.advance(by: .seconds(11))
    }
    #expect(log.of(.serverAccepted).isEmpty)
    try await ask(gate, end)
    try await ask(gate, .accepted)
    let lines = log.of(.serverAccepted).map(\.line)
    let line = "the server answers requests again since=\(start.rfc3339) failures=\(count)"
    #expect(lines == (count > 1 ? [line] : []))
  }

  @Test func `who waits for another's probe sleeps`() async throws {
    let gate = gate()
    try await ask(gate, Self.refusal)
    time.manual.advance(by: .seconds(331))
    let probe = Probe()
    let prober = Task { [gate] in try await gate.enter { await probe.ask() } }
    await probe.begun()
    let waiter = Waiter(time)
    let other = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    for _ in 0..<1000 { _ = await gate.current }
    #expect(waiter.looks == 1)
    probe.end(.accepted)
    #expect(try await prober.value)
    #expect(try await other.value)
  }

  private func ask(_ gate: ServerGate, _ answer: ServerSign) async throws {
    try #require(try await enter(gate))
    try await gate.leave(answer)
  }

  private func enter(_ gate: ServerGate) async throws -> Bool { try await gate.enter { .answered } }

  /// The gate that takes another one's place when the configuration is read again.
  private func successor(of gate: ServerGate, _ settings: ServerSettings = settings(), key: String) async
    -> ServerGate
  {
    let next = Mutex<ServerGate?>(nil)
    await gate.replace(by: settings, key: key) { gate in next.withLock { $0 = gate } }
    return next.withLock { $0! }
  }
}

/// A probe that is answered when a test says so.
private final class Probe: Sendable {
  private let beginnings = AsyncStream<Void>.makeStream()
  private let answers = AsyncStream<ServerSign>.makeStream()

  func ask() async -> ServerSign {
    beginnings.continuation.yield()
    // In a task of its own, since a stream ends for who is called back.
    return await Task { [answers] in
      for await answer in answers.stream { return answer }
      return .answered
    }.value
  }

  func begun() async { for await _ in beginnings.stream { return } }

  func end(_ sign: ServerSign) { answers.continuation.yield(sign) }
}

/// A time that counts how often it is read: a gate does so each time somebody looks whether it is open.
private final class WatchedTime: Time {
  let manual = ManualTime()
  private let state = Mutex(0)
  let changes = Latch()

  var reads: Int { state.withLock { $0 } }

  var now: Timestamp {
    state.withLock { $0 += 1 }
    changes.signal()
    return manual.now
  }

  var monotonic: MonotonicInstant { manual.monotonic }
  func sleep(until instant: MonotonicInstant) async throws(CancellationError) {
    try await manual.sleep(until: instant)
  }
}

/// One who wants to pass a gate that is closed, while nobody else comes to it.
private final class Waiter: Sendable {
  private let time: WatchedTime
  private let readsBefore: Int
  private let state = Mutex(false)

  init(_ time: WatchedTime) {
    self.time = time
    readsBefore = time.reads
  }

  /// How often it has looked whether it may pass.
  var looks: Int { time.reads - readsBefore }
  var hasEntered: Bool { state.withLock { $0 } }

  func enter(_ gate: ServerGate) async throws -> Bool {
    let mayPass = try await gate.enter { .answered }
    state.withLock { $0 = mayPass }
    return mayPass
  }

  /// Returns when it has looked, and has found the gate closed or passed it.
  func waits(at gate: ServerGate) async {
    while true {
      let seen = time.changes.version
      if looks > 0 { break }
      await time.changes.wait(after: seen)
    }
    // The gate is an actor: this comes after the look has ended.
    for _ in 0..<100 { _ = await gate.current }
  }
}

/// A server that does not answer, until a test says that the time is over.
private final class SilentTransport: Transport {
  private let beginnings = AsyncStream<Void>.makeStream()
  private let ends = AsyncStream<Void>.makeStream()

  func perform(_ request: ServerRequest) async -> Exchange {
    beginnings.continuation.yield()
    for await _ in ends.stream { break }
    return .failed("no answer", sent: .nothing)
  }

  func begun() async { for await _ in beginnings.stream { return } }

  func fail() { ends.continuation.yield() }
}
