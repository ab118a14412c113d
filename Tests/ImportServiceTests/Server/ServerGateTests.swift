import ImportCore
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
      journal: journal, url: Self.url, key: "old", limit: limit, time: time, log: log)
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
    await gate.reconfigured(url: Self.url, key: "good", limit: 4)
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
    await gate.reconfigured(url: Self.url, key: "good", limit: 4)
    let breaker = await gate.current
    try await gate.leave(late, set: nil, pass)
    #expect(await gate.current == breaker)
    #expect(!breaker.isProven)
    #expect(await gate.trouble == nil)
  }

  /// A file of gigabytes to a server that is to be left would else bar the new one until it has ended.
  @Test(arguments: ["https://other.example/", url])
  func `nothing waits for what is under way to another server or with another key`(url: String) async throws {
    let gate = await gate(limit: 1)
    let old = try #require(try await enter(gate))
    await gate.reconfigured(url: url, key: url == Self.url ? "good" : "old", limit: 1)
    let new = try #require(try await enter(gate))
    // Nor does its end make room for one more.
    try await gate.leave(.accepted, set: nil, old)
    let waiter = Waiter()
    let third = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    #expect(!waiter.hasEntered)
    try await gate.leave(.accepted, set: nil, new)
    #expect(try await third.value != nil)
  }

  @Test func `a reload that changes neither keeps what is proven, and counts what is under way`() async throws
  {
    let gate = await gate(limit: 2)
    try await ask(gate, .accepted)
    let passes = [try await enter(gate), try await enter(gate)].compactMap { $0 }
    #expect(passes.count == 2)
    await gate.reconfigured(url: Self.url, key: "old", limit: 2)
    let waiter = Waiter()
    let third = Task { [gate] in try await waiter.enter(gate) }
    await waiter.waits(at: gate)
    #expect(!waiter.hasEntered)
    try await gate.leave(.answered, set: nil, passes[0])
    #expect(try await third.value != nil)
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
    try await gate.leave(answer, set: nil, try #require(try await enter(gate)))
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
    for await answer in answers.stream { return answer }
    return .answered
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
