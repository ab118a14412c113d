import ImportCore
import Testing

@Suite struct ServerBreakerTests {
  private static let reason = Reason("Invalid API Key", step: .batch, http: 403)

  private func later(_ seconds: Int) -> Timestamp { Invented.start.advanced(by: .seconds(seconds)) }

  /// A breaker that was refused once at the start.
  private func refused(_ cause: ServerStop, key: String = "k1") -> ServerBreaker {
    var breaker = ServerBreaker()
    let isNew = breaker.refused(cause, Self.reason, key: key, at: Invented.start)
    #expect(isNew)
    return breaker
  }

  @Test func `it begins open but unproven, and an answer proves it`() {
    var breaker = ServerBreaker()
    #expect(breaker.stop == nil)
    #expect(!breaker.isProven)
    let wasStopped = breaker.accepted()
    #expect(!wasStopped)
    #expect(breaker.isProven)
  }

  @Test(arguments: ServerStop.allCases)
  func `a refusal stops traffic, is said once, and an answer ends it`(cause: ServerStop) {
    var breaker = refused(cause)
    #expect(breaker.stop?.cause == cause)
    #expect(breaker.stop?.reason == Self.reason)
    #expect(breaker.stop?.since == Invented.start)
    #expect(!breaker.isProven)
    let again = breaker.refused(cause, Self.reason, key: "k1", at: later(1000))
    #expect(!again)
    #expect(breaker.stop?.since == Invented.start)
    let wasStopped = breaker.accepted()
    #expect(wasStopped)
    #expect(breaker.stop == nil)
    #expect(breaker.isProven)
  }

  @Test func `another cause and another key are said anew`() {
    var breaker = refused(.wrongAddress)
    let isOtherCause = breaker.refused(.keyRefused, Self.reason, key: "k1", at: later(100))
    #expect(isOtherCause)
    let isOtherKey = breaker.refused(.keyRefused, Self.reason, key: "k2", at: later(500))
    #expect(isOtherKey)
    #expect(breaker.stop?.since == later(500))
  }

  @Test(arguments: [ServerStop.keyRefused, .throttled])
  func `probes with a key that may be wrong are more than 300 s apart, always`(cause: ServerStop) throws {
    var breaker = refused(cause)
    var last = Invented.start
    for _ in 0..<20 {
      let next = try #require(breaker.stop?.next)
      #expect(next.since(last) > .seconds(300))
      #expect(next.since(last) <= .seconds(600))
      last = next
      _ = breaker.refused(cause, Self.reason, key: "k1", at: next)
    }
  }

  @Test(arguments: [ServerStop.notPermitted, .wrongAddress])
  func `permission and address are probed after 30 s up to 10 min`(cause: ServerStop) throws {
    var breaker = refused(cause)
    var pauses: [Duration] = []
    var last = Invented.start
    for _ in 0..<7 {
      let next = try #require(breaker.stop?.next)
      pauses.append(next.since(last))
      last = next
      _ = breaker.refused(cause, Self.reason, key: "k1", at: next)
    }
    #expect(pauses == [30, 60, 120, 240, 480, 600, 600].map { .seconds($0) })
  }

  @Test func `requests that were under way when it was refused are no probes`() {
    var breaker = refused(.notPermitted)
    for second in 1...3 { _ = breaker.refused(.notPermitted, Self.reason, key: "k1", at: later(second)) }
    #expect(breaker.stop?.probes == 0)
    #expect(breaker.stop?.next == later(3 + 30))
  }

  @Test func `a probe that finds nobody comes again later`() {
    var breaker = refused(.wrongAddress)
    breaker.probeFailed(at: later(30))
    #expect(breaker.stop?.next == later(30 + 60))
    var throttled = refused(.throttled)
    throttled.probeFailed(at: later(330))
    #expect(throttled.stop?.next == later(330 + 330))
    var open = ServerBreaker()
    open.probeFailed(at: later(1))
    #expect(open.stop == nil)
  }

  @Test(arguments: [ServerStop.keyRefused, .notPermitted, .wrongAddress])
  func `another key, and a reload, may probe at once`(cause: ServerStop) {
    var breaker = refused(cause)
    breaker.reconsider(key: "k2", at: later(5), reloaded: false)
    #expect(breaker.stop?.next == later(5))
    breaker = refused(cause)
    breaker.reconsider(key: "k1", at: later(5), reloaded: true)
    #expect(breaker.stop?.next == later(5))
  }

  @Test(arguments: ServerStop.allCases)
  func `a start with the same key changes nothing`(cause: ServerStop) {
    var breaker = refused(cause)
    let next = breaker.stop?.next
    breaker.reconsider(key: "k1", at: later(5), reloaded: false)
    #expect(breaker.stop?.next == next)
    #expect(!breaker.isProven)
  }

  @Test(arguments: ["k1", "k2"], [false, true])
  func `a lockout is never probed sooner`(key: String, reloaded: Bool) {
    var breaker = refused(.throttled)
    breaker.reconsider(key: key, at: later(5), reloaded: reloaded)
    #expect(breaker.stop?.next == later(330))
  }

  /// A probe is a form request, whose refusal does not tell a lockout from a wrong key (docs/server.md).
  @Test func `a refusal of unknown kind does not end a lockout`() {
    var breaker = refused(.throttled)
    let isNew = breaker.refused(.keyRefused, Self.reason, key: "k1", at: later(330))
    #expect(!isNew)
    #expect(breaker.stop?.cause == .throttled)
    breaker.reconsider(key: "k2", at: later(331), reloaded: true)
    #expect(breaker.stop?.next == later(660))
  }

  @Test(arguments: [ServerStop.keyRefused, .throttled, .notPermitted, .wrongAddress], [true, false])
  func `a clock that was set back does not prolong the wait`(cause: ServerStop, restarted: Bool) throws {
    var breaker = refused(cause)
    let lastYear = Invented.start.advanced(by: Invented.day * -365)
    if restarted {
      breaker.reconsider(key: "k1", at: lastYear, reloaded: false)
    } else {
      breaker.limitWait(at: lastYear)
    }
    let next = try #require(breaker.stop?.next)
    #expect(next > lastYear)
    #expect(next.since(lastYear) <= .seconds(600))
    if cause == .throttled || cause == .keyRefused { #expect(next.since(lastYear) > .seconds(300)) }
  }

  @Test func `a wait that is within its bounds stays as it is`() {
    var breaker = refused(.keyRefused)
    let before = breaker
    breaker.limitWait(at: later(100))
    #expect(breaker == before)
    var open = ServerBreaker()
    open.limitWait(at: later(100))
    #expect(open == ServerBreaker())
  }
}
