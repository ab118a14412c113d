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
  private let time = ManualTime()
  private let log = Lines()
  private let journal: Journal

  init() throws {
    files = try JournalPlace()
    journal = try Journal(in: files.open(), time: time, log: log)
  }

  private static let refusal = ServerSign.stopped(.keyRefused, Reason("refused"))
  private static let outage = ServerSign.failed(Reason("no answer"))

  private func gate(limit: Int = 4) async -> ServerGate {
    await ServerGate(
      store: journal, settings: Self.settings(limit: limit), key: "old", time: time, log: log)
  }

  private static func settings(_ url: String = url, limit: Int = 4, proxy: String? = nil) -> ServerSettings {
    var settings = ServerSettings(url: url)
    (settings.maxConnections, settings.proxy) = (limit, proxy)
    return settings
  }

  private static let url = "https://research.example/"

  /// Rows: how the probe ends that was begun with the old key.
  @Test(arguments: [refusal, outage, .answered, .accepted])
  func `a probe that a reload has overtaken tells nothing of what is in force now`(late: ServerSign)
    async throws
  {
    let gate = await gate()
    try await ask(gate, Self.refusal)
    time.advance(by: .seconds(331))
    let probe = Probe()
    let waiter = Waiter()
    let prober = Task { [gate] in try await waiter.enter(gate, probe) }
    await waiter.waits(at: gate)
    await gate.reconfigured(Self.settings(), key: "good")
    let breaker = await gate.current
    #expect(breaker.stop?.next == time.now)
    let second = Probe()
    let other = Task { [gate] in try await gate.enter(isCurrent: { true }, probe: { await second.ask() }) }
    await second.begun()
    probe.end(late)
    await waiter.waits(at: gate)
    #expect(await gate.current == breaker)
    #expect(log.of(.serverRefused).count == 1 && log.of(.serverAccepted).isEmpty)
    second.end(.accepted)
    #expect(try await prober.value != nil)
    #expect(try await other.value != nil)
    #expect(log.of(.serverAccepted).count == 1)
  }

  /// Rows: how a request ends that was let pass before the reload.
  @Test(arguments: [refusal, outage, .accepted])
  func `nor does a request that was under way`(late: ServerSign) async throws {
    let gate = await gate()
    let pass = try #require(try await enter(gate))
    await gate.reconfigured(Self.settings(), key: "good")
    let breaker = await gate.current
    try await gate.leave(late, pass)
    #expect(await gate.current == breaker)
    #expect(!breaker.isProven)
    #expect(await gate.trouble == nil)
  }

  /// A file of gigabytes to a server that is to be left would else bar the new one until it has ended.
  @Test(arguments: ["another server", "another key", "another proxy"])
  func `nothing waits for what is under way with other settings`(change: String) async throws {
    let gate = await gate(limit: 1)
    let old = try #require(try await enter(gate))
    switch change {
    case "another server":
      await gate.reconfigured(Self.settings("https://other.example/", limit: 1), key: "old")
    case "another key": await gate.reconfigured(Self.settings(limit: 1), key: "good")
    default:
      await gate.reconfigured(Self.settings(limit: 1, proxy: "http://proxy.example:3128"), key: "old")
    }
    let new = try #require(try await enter(gate))
    // Nor does its end make room for one more.
    try await gate.leave(.accepted, old)
    let waiter = Waiter()
    let third = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    #expect(!waiter.hasEntered)
    try await gate.leave(.accepted, new)
    #expect(try await third.value != nil)
  }

  @Test func `a reload that changes neither keeps what is proven, and counts what is under way`() async throws
  {
    let gate = await gate(limit: 2)
    try await ask(gate, .accepted)
    let passes = [try await enter(gate), try await enter(gate)].compactMap { $0 }
    #expect(passes.count == 2)
    await gate.reconfigured(Self.settings(limit: 2), key: "old")
    let waiter = Waiter()
    let third = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    #expect(!waiter.hasEntered)
    try await gate.leave(.answered, passes[0])
    #expect(try await third.value != nil)
  }

  /// Else each reload would cost as many failures more as there are requests at once, and 50 lock the host out.
  @Test(arguments: [ServerStop.keyRefused, .throttled])
  func `a key that was refused is, though a reload has read it again meanwhile`(cause: ServerStop)
    async throws
  {
    let gate = await gate()
    try await ask(gate, .accepted)
    let passes = [try await enter(gate), try await enter(gate)].compactMap { $0 }
    await gate.reconfigured(Self.settings(), key: "old")
    for pass in passes { try await gate.leave(.stopped(cause, Reason("refused")), pass) }
    #expect(await gate.current.stop?.cause == cause)
    #expect(await gate.current.isProven == false)
    #expect(log.of(.serverRefused).count == 1)
  }

  @Test func `while a probe is out, a reload with the same key begins no other`() async throws {
    let gate = await gate()
    try await ask(gate, .stopped(.throttled, Reason("locked out")))
    time.advance(by: .seconds(331))
    let (probe, waiter, second) = (Probe(), Waiter(), Waiter())
    let prober = Task { [gate] in try await waiter.enter(gate, probe) }
    await waiter.waits(at: gate)
    await gate.reconfigured(Self.settings(), key: "old")
    let other = Task { [gate] in try await second.enter(gate) }
    await second.waits(at: gate)
    probe.end(.stopped(.throttled, Reason("locked out")))
    await waiter.waits(at: gate)
    #expect(await gate.current.stop?.next == time.now.advanced(by: .seconds(330)))
    for task in [prober, other] {
      task.cancel()
      _ = await task.result
    }
  }

  /// Such as a person who rejects the very set whose task asks.
  @Test func `a refusal that a probe was told counts, though who asked is called back`() async throws {
    let gate = await gate()
    try await ask(gate, Self.refusal)
    time.advance(by: .seconds(331))
    let (probe, waiter) = (Probe(), Waiter())
    let prober = Task { [gate] in try await waiter.enter(gate, probe) }
    await waiter.waits(at: gate)
    probe.end(Self.refusal)
    prober.cancel()
    _ = await prober.result
    #expect(await gate.current.stop?.next == time.now.advanced(by: .seconds(330)))
  }

  /// Rows: whether the server that does not answer is still the one in force. Its failure would have the set wait for minutes,
  /// and count towards holding it.
  @Test(arguments: [false, true])
  func `a failure of the server before is none of the set's`(isLeft: Bool) async throws {
    let gate = await gate()
    let transport = SilentTransport()
    let server = Server(url: Self.url, transport: transport, gate: gate)
    let heartbeat = Heartbeat(time: time)
    let asking = Task {
      try await server.ask(
        .batch(control: .ofNothing, comment: nil), for: SetID("20261124T070512Z-hr-7f3k2m9q")!,
        isCurrent: { true }
      ) {
        (heartbeat.begin("asking"), { _ in })
      }
    }
    await transport.begun()
    await gate.reconfigured(isLeft ? Self.settings("https://other.example/") : Self.settings(), key: "old")
    transport.fail()
    let verdict = try await asking.value
    if case .again = verdict?.verdict { #expect(!isLeft) } else { #expect(isLeft && verdict == nil) }
  }

  @Test func `what we end ourselves says nothing about the server`() async throws {
    let gate = await gate()
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
    let gate = await gate()
    let start = time.now
    for _ in 0..<count {
      try await ask(gate, Self.outage)
      time.advance(by: .seconds(11))
    }
    #expect(log.of(.serverAccepted).isEmpty)
    try await ask(gate, end)
    try await ask(gate, .accepted)
    let lines = log.of(.serverAccepted).map(\.line)
    let line = "the server answers requests again since=\(start.rfc3339) failures=\(count)"
    #expect(lines == (count > 1 ? [line] : []))
  }

  @Test func `who waits for another's probe sleeps`() async throws {
    let gate = await gate()
    try await ask(gate, Self.refusal)
    time.advance(by: .seconds(331))
    let probe = Probe()
    let prober = Task { [gate] in try await gate.enter(isCurrent: { true }, probe: { await probe.ask() }) }
    await probe.begun()
    let waiter = Waiter()
    let other = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    for _ in 0..<1000 { _ = await gate.current }
    #expect(waiter.looks == 1)
    probe.end(.accepted)
    #expect(try await prober.value != nil)
    #expect(try await other.value == nil || waiter.looks > 1)
  }

  private func ask(_ gate: ServerGate, _ answer: ServerSign) async throws {
    try await gate.leave(answer, try #require(try await enter(gate)))
  }

  private func enter(_ gate: ServerGate) async throws -> GatePass? {
    try await gate.enter(isCurrent: { true }, probe: { .answered })
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

/// One who wants to pass a gate that is closed.
private final class Waiter: Sendable {
  private let state = Mutex((looks: 0, hasEntered: false))
  private let arrivals = AsyncStream<Void>.makeStream()

  /// How often it has looked whether it may pass.
  var looks: Int { state.withLock { $0.looks } }
  var hasEntered: Bool { state.withLock { $0.hasEntered } }

  func enter(_ gate: ServerGate, _ probe: Probe? = nil) async throws -> GatePass? {
    let look: @Sendable () -> Bool = { [self] in
      state.withLock { $0.looks += 1 }
      arrivals.continuation.yield()
      return true
    }
    let pass = try await gate.enter(isCurrent: look, probe: { await probe?.ask() ?? .answered })
    state.withLock { $0.hasEntered = pass != nil }
    return pass
  }

  /// Returns when it has looked once more, and has found the gate closed or passed it.
  func waits(at gate: ServerGate) async {
    for await _ in arrivals.stream { break }
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
