public import ImportCore
public import ImportRuntime

/// What a request told about the server as a whole.
enum ServerSign: Sendable {
  /// Nothing: it was ended by us.
  case nothing
  /// It was accepted: address, key and permission are right.
  case accepted
  /// It answered in a way that concerns this one request only.
  case answered
  /// It did not answer, or answered with a temporary failure.
  case failed(Reason)
  /// Something in front of it answered, or another server: whether to all requests, a probe shows.
  case foreign(Reason)
  /// It is to be left alone.
  case stopped(ServerStop, Reason)
}

/// Failures in a row, of whatever sets.
public struct ServerTrouble: Sendable {
  var failures: Int
  /// The first of them.
  public var since: Timestamp
  /// What the last one said.
  public var reason: Reason
}

/// Remembers, beyond the end of the process, whether the server may be asked: the journal.
public protocol BreakerStore: Sendable {
  /// The state that was recorded last.
  var breaker: ServerBreaker { get }
  /// Records another state.
  func record(_ breaker: ServerBreaker) async throws
}

/// Lets requests pass to the server of one configuration: none while it refuses the key or the address, one at a time until it
/// has accepted one, and few while nothing gets through. One message tells when traffic stops and one when it goes on, however
/// many sets wait. When the configuration is read again, another gate takes its place: what was asked by this one tells nothing
/// about what is in force since then.
///
/// Domain: an actor; its state changes between suspensions only.
public actor ServerGate {
  private let store: any BreakerStore
  private let time: any Time
  private let log: any Log
  private let settings: ServerSettings
  private let key: String
  private let traffic: ServerTraffic
  private var breaker: ServerBreaker
  /// The gate that has taken this one's place, and whether it leads to the same server with the same key.
  private var successor: (gate: ServerGate, isSameServer: Bool)?
  /// Nil once a request has not failed. It is all that people and monitoring are told, from the first failure on.
  public private(set) var trouble: ServerTrouble?
  private var notBefore: MonotonicInstant
  /// For each step, the requests that have failed there since it last succeeded, by what may be the cause.
  private var failing: [ServerStep: [String: MonotonicInstant]]

  /// So many failures in a row, of whatever sets, are taken for a server that is down.
  private static let failuresOfAnOutage = 4
  /// If so many sets fail at a step and none succeeds there, none of them is the cause.
  private static let causesOfAnOutage = 3
  /// A failure is forgotten after this time; no set waits longer for its next attempt.
  private static let memory = Duration.seconds(900)

  /// Begins with what `store` remembers. `key` is a fingerprint of the key in use.
  public init(store: any BreakerStore, settings: ServerSettings, key: String, time: any Time, log: any Log) {
    var breaker = store.breaker
    breaker.reconsider(key: key, at: time.now, reloaded: false)
    self.init(
      store: store, settings: settings, key: key, time: time, log: log, breaker: breaker, failing: [:],
      traffic: ServerTraffic())
  }

  private init(
    store: any BreakerStore, settings: ServerSettings, key: String, time: any Time, log: any Log,
    breaker: ServerBreaker, failing: [ServerStep: [String: MonotonicInstant]], traffic: ServerTraffic
  ) {
    self.store = store
    self.time = time
    self.log = log
    (self.settings, self.key) = (settings, key)
    notBefore = time.monotonic
    (self.breaker, self.failing, self.traffic) = (breaker, failing, traffic)
  }

  /// Logs a stop from before this start that goes on: a log that begins here would not show why nothing is sent.
  public func logStop() {
    if let stop = breaker.stop, stop.next > time.now { log.write(.serverRefused(stop)) }
  }

  /// Whether the server may be asked, and if not, why; proven only by a request of this process.
  public var current: ServerBreaker { breaker }

  /// True if a request would be let pass now, or a probe would come first: no stop, or one that is to be tried.
  public var mayAsk: Bool { breaker.stop.map { $0.next <= time.now } ?? true }

  /// True if all requests have failed for a while: then the server is asked less often.
  private var isOutage: Bool { trouble.map(\.failures) ?? 0 >= Self.failuresOfAnOutage }

  /// Gives its place to a gate for a configuration that was read again: a person asks for another try, which waits for nothing
  /// that is still under way to another server, with another key, or through another proxy. A server that has accepted this
  /// key needs no new proof. `putInForce` gets the new gate, and must see to it that nobody is given this one any more.
  public func replace(by settings: ServerSettings, key: String, putInForce: @Sendable (ServerGate) -> Void) {
    let isOther = (settings.url, key) != (self.settings.url, self.key)
    let isOtherWay = isOther || settings.way != self.settings.way
    var breaker = breaker
    if isOther || breaker.stop != nil { breaker.reconsider(key: key, at: time.now, reloaded: true) }
    let gate = ServerGate(
      store: store, settings: settings, key: key, time: time, log: log, breaker: breaker,
      failing: isOther ? [:] : failing, traffic: isOtherWay ? ServerTraffic() : traffic)
    successor = (gate, !isOther)
    putInForce(gate)
    traffic.changes.signal()
  }

  /// Waits until a request may go out. `probe` asks the server something harmless; it is called when a stop is to be
  /// tried. After true the caller makes its request and then calls ``leave(_:step:)``; false once another gate has taken
  /// this one's place: the request would ask with a key or an address that is not in force any more.
  func enter(probe: @Sendable () async -> ServerSign) async throws -> Bool {
    while successor == nil {
      try Task.checkCancellation()
      let seen = traffic.changes.version
      breaker.limitWait(at: time.now)
      if let stop = breaker.stop {
        if traffic.isProbing {
          await traffic.changes.wait(after: seen)
        } else if stop.next <= time.now {
          try await tryAgain(probe)
        } else {
          await traffic.changes.wait(after: seen, until: instant(of: stop.next), time)
        }
      } else if traffic.requests >= currentLimit {
        await traffic.changes.wait(after: seen)
      } else if notBefore > time.monotonic {
        await traffic.changes.wait(after: seen, until: notBefore, time)
      } else {
        traffic.begin()
        return true
      }
    }
    return false
  }

  /// Ends a request that was let pass, with what it told about the server. False if another server or key is in force by now,
  /// so that the request might as well not have been made, unless it has changed something there.
  @discardableResult
  func leave(_ sign: ServerSign, step: ServerStep? = nil) async throws -> Bool {
    traffic.end()
    guard successor == nil else {
      traffic.changes.signal()
      return try await hear(late: sign)
    }
    // What was let pass before the stop was accepted before it: only a probe can end the stop.
    var isOfBefore = false
    if case .accepted = sign {
      isOfBefore = breaker.stop != nil
      if let step { failing[step] = nil }
    }
    if isOfBefore { traffic.changes.signal() } else { try await learn(sign) }
    return true
  }

  /// Learns what a request tells that a gate before this one has let pass. A reload asks for another try of whatever may have
  /// been mended; but a key that was refused, or a lockout, stays so, and must not be asked about again for each reload. False
  /// if another server or key is in force by now.
  private func hear(late sign: ServerSign) async throws -> Bool {
    if let successor {
      guard successor.isSameServer else { return false }
      return try await successor.gate.hear(late: sign)
    }
    switch sign {
    case .stopped(.keyRefused, _), .stopped(.throttled, _): try await learn(sign)
    default: break
    }
    return true
  }

  /// What a failed request says, compared with a probe right after it.
  enum Scope { case server, request, unknown }

  /// True while traffic stands.
  var isStopped: Bool { breaker.stop != nil }

  /// True if a failure can be compared with a probe: traffic goes on, and not all requests fail already.
  var mayCompare: Bool { successor == nil && !isStopped && !isOutage && !Task.isCancelled }

  /// Compares a request that failed at `step` with a probe that was made right after it. A probe that gets no answer of the
  /// server itself shows that all requests are concerned. One that passes shows that this request alone fails, unless
  /// other sets fail at the same step and none succeeds.
  func compare(with sign: ServerSign, _ culprit: String, failedAt step: ServerStep) async throws -> Scope {
    guard successor == nil else {
      _ = try await hear(late: sign)
      return .unknown
    }
    guard !isStopped else { return .server }
    switch sign {
    case .foreign(let reason): try await learn(.stopped(.wrongAddress, reason))
    case .accepted, .answered, .stopped: try await learn(sign)
    case .failed, .nothing: return .unknown
    }
    guard !isStopped else { return .server }
    return isAlone(culprit, at: step) ? .request : .unknown
  }

  private func isAlone(_ culprit: String, at step: ServerStep) -> Bool {
    let now = time.monotonic
    var causes = failing[step, default: [:]].filter { now.since($0.value) <= Self.memory }
    if causes[culprit] != nil || causes.count < Self.causesOfAnOutage { causes[culprit] = now }
    failing[step] = causes
    return causes[culprit] != nil && causes.count < Self.causesOfAnOutage
  }

  private var currentLimit: Int { breaker.isProven && !isOutage ? settings.maxConnections : 1 }

  private func tryAgain(_ probe: @Sendable () async -> ServerSign) async throws {
    traffic.isProbing = true
    defer {
      traffic.isProbing = false
      traffic.changes.signal()
    }
    let sign = await probe()
    guard successor == nil else {
      _ = try await hear(late: sign)
      return
    }
    switch sign {
    case .accepted, .stopped: try await learn(sign)
    // It says nothing about a key that was refused, which is not to be tried again sooner for it.
    case .foreign(let reason) where breaker.stop?.cause == .wrongAddress:
      try await learn(.stopped(.wrongAddress, reason))
    case .nothing, .answered, .failed, .foreign:
      try Task.checkCancellation()
      breaker.probeFailed(at: time.now)
      try await learn(sign)
      try await store.record(breaker)
    }
  }

  private func learn(_ sign: ServerSign) async throws {
    defer { traffic.changes.signal() }
    switch sign {
    case .accepted: try await accepted()
    case .nothing: break
    case .answered: endTrouble()
    case .failed(let reason), .foreign(let reason): failed(reason)
    case .stopped(let cause, let reason): try await stopped(cause, reason)
    }
  }

  private func accepted() async throws {
    let wasProven = breaker.isProven
    if breaker.accepted() {
      trouble = nil
      log.write(LogEvent(.serverAccepted, "the server accepts requests again"))
    }
    endTrouble()
    notBefore = time.monotonic
    if !wasProven { try await store.record(breaker) }
  }

  /// Ends a series of failures. Each of them had its line in the log, and so has the end of several.
  private func endTrouble() {
    if let trouble, trouble.failures > 1 {
      log.write(
        LogEvent(.serverAccepted, "the server answers requests again").with("since", trouble.since.rfc3339)
          .with("failures", trouble.failures))
    }
    trouble = nil
  }

  private func failed(_ reason: Reason) {
    let failures = (trouble?.failures ?? 0) + 1
    trouble = ServerTrouble(failures: failures, since: trouble?.since ?? time.now, reason: reason)
    guard isOutage else { return }
    let seconds = min(1 << min(failures - Self.failuresOfAnOutage, 5), 10)
    notBefore = time.monotonic.advanced(by: .seconds(seconds))
  }

  private func stopped(_ cause: ServerStop, _ reason: Reason) async throws {
    let isNew = breaker.refused(cause, reason, key: key, at: time.now)
    if isNew, let stop = breaker.stop { log.write(.serverRefused(stop)) }
    try await store.record(breaker)
  }

  private func instant(of moment: Timestamp) -> MonotonicInstant {
    time.monotonic.advanced(by: max(moment.since(time.now), .zero))
  }
}

extension ServerSettings {
  /// All that a request's way to the server depends on.
  fileprivate var way: ServerSettings {
    var way = self
    way.maxConnections = 1
    return way
  }
}

extension LogEvent {
  static func serverRefused(_ stop: ServerBreaker.Stop) -> LogEvent {
    LogEvent(.serverRefused, "delivery suspended until the server accepts requests again")
      .with("cause", stop.cause.rawValue).with("step", stop.reason.step?.rawValue)
      .with("http", stop.reason.http)
      .with("next", stop.next.rfc3339).with("reason", PrintableText.joiningLines(stop.reason.text))
      .with("remedy", stop.reason.remedy)
  }
}
