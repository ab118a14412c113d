/// Whether a server may be asked at all. One refused key or one lockout concerns every set and source, and
/// each further request with a bad key brings the whole host nearer to being locked out (docs/server.md: 50
/// failures from one address), so it stops all traffic, and only a probe goes out from time to time.
public struct ServerBreaker: Hashable, Codable, Sendable {
  /// Why and how long all traffic stands.
  public struct Stop: Hashable, Codable, Sendable {
    /// Why.
    public var cause: ServerStop
    /// In which words.
    public var reason: Reason
    /// The first refusal of this row.
    public var since: Timestamp
    /// Probes that were refused since then, or found nobody.
    public var probes: Int
    /// The next probe.
    public var next: Timestamp
    /// A fingerprint of the key that was refused.
    public var key: String
  }

  /// Set while all traffic stands.
  public private(set) var stop: Stop?
  /// True once the server has accepted the key; until then requests go one at a time.
  public private(set) var isProven = false

  /// Begins with a server that has not answered yet.
  public init() {}

  /// The server has refused; returns true if it had not before, which is the time to say so.
  public mutating func refused(_ cause: ServerStop, _ reason: Reason, key: String, at now: Timestamp) -> Bool
  {
    let cause = lasting(cause)
    let last = stop.flatMap { $0.cause == cause && $0.key == key ? $0 : nil }
    let probes = last.map { $0.next <= now ? $0.probes + 1 : $0.probes } ?? 0
    let next = now.advanced(by: Self.pause(cause, probes: probes))
    stop = Stop(cause: cause, reason: reason, since: last?.since ?? now, probes: probes, next: next, key: key)
    isProven = false
    return last == nil
  }

  /// A form request, such as a probe, is refused in the same words for a lockout and for a wrong key (docs/server.md),
  /// so a lockout ends only when a request is accepted.
  private func lasting(_ cause: ServerStop) -> ServerStop {
    cause == .keyRefused && stop?.cause == .throttled ? .throttled : cause
  }

  /// The server has accepted a request; returns true if traffic had been stopped.
  public mutating func accepted() -> Bool {
    defer { (stop, isProven) = (nil, true) }
    return stop != nil
  }

  /// A probe found nobody: whether the server would still refuse is not known, so the next one comes later.
  public mutating func probeFailed(at now: Timestamp) {
    guard var waiting = stop else { return }
    waiting.probes += 1
    waiting.next = now.advanced(by: Self.pause(waiting.cause, probes: waiting.probes))
    stop = waiting
  }

  /// The configuration was read again, or the program started, with this key. Another key than the refused
  /// one deserves a probe at once, and so does a reload, for a person asked for it; a lockout is waited for.
  public mutating func reconsider(key: String, at now: Timestamp, reloaded: Bool) {
    isProven = false
    guard var waiting = stop else { return }
    let mayProbe = waiting.cause != .throttled && (reloaded || waiting.key != key)
    if mayProbe { waiting.next = now }
    stop = waiting
    limitWait(at: now)
  }

  /// Bounds the wait for the next probe by the pause that it was made from: after the clock was set back it would
  /// seem to be further away, by as much as that.
  public mutating func limitWait(at now: Timestamp) {
    guard var waiting = stop else { return }
    waiting.next = min(waiting.next, now.advanced(by: Self.pause(waiting.cause, probes: waiting.probes)))
    stop = waiting
  }

  /// A lockout lifts 300 s after the last failure, so probes with a key that may be wrong keep more than that
  /// apart. Permission and address can be asked for sooner: 30 s at first, doubling to 10 min.
  static func pause(_ cause: ServerStop, probes: Int) -> Duration {
    switch cause {
    case .keyRefused, .throttled: .seconds(330)
    case .notPermitted, .wrongAddress: .seconds(min(30 << min(probes, 5), 600))
    }
  }
}

/// The meaning of an exchange for a set and for the server (docs/server.md, "Other answers").
public enum Verdict: Hashable, Sendable {
  /// The step is done; `text` is what the server returned (a digest, a batch's name, a word).
  case done(text: String)
  /// The schedule call found the batch scheduled already, which is all that proves it.
  case alreadyScheduled
  /// The server does not have the control file of this digest.
  case controlMissing
  /// Not done, and certainly nothing half-done: repeat it, on the same batch.
  case again(Reason, after: Duration?)
  /// Something may be half-done on this batch: abandon it and create another.
  case newBatch(Reason, after: Duration?)
  /// The server answered that it has no such batch to upload into: create another.
  case batchGone(Reason)
  /// The server has other bytes than we have.
  case wrongDigest(Reason)
  /// The set cannot work.
  case reject(Reason)
  /// A person must decide.
  case hold(Reason)
  /// The answer is not recognisably the server's own. It says nothing about the set: a probe shows whether it concerns
  /// all requests or this one.
  case foreign(ForeignAnswer)
  /// Nothing of this set's fault: no traffic to that server until a probe succeeds. `batchLost` if this
  /// set's file may have been received without our knowing.
  case stop(ServerStop, Reason, batchLost: Bool)
}

/// Why a server is left alone.
public enum ServerStop: String, Codable, Sendable, CaseIterable {
  /// It refuses the key (or does not tell why it refuses).
  case keyRefused = "key-refused"
  /// It refuses everything from this address for a while.
  case throttled
  /// The key is valid but lacks the permission.
  case notPermitted = "not-permitted"
  /// The address leads somewhere else, or something in front of the server answers in its place.
  case wrongAddress = "wrong-address"
}

/// How long to wait before a step is repeated: exponential with full jitter, from one second to ten
/// minutes, so that many waiting clients do not come back at the same moment.
public enum Backoff {
  /// Nothing is repeated sooner.
  public static let shortest = Duration.seconds(1)
  /// Nothing waits longer.
  public static let longest = Duration.seconds(600)

  /// Gives the delay after the `failures`-th failure in a row (from 1). `random` is between 0 and 1. What the
  /// server asks for (`Retry-After`) counts instead, within the same bounds: it may be absurd.
  public static func delay(failures: Int, random: Double, serverAsks: Duration? = nil) -> Duration {
    if let serverAsks { return min(max(serverAsks, shortest), longest) }
    let exponent = Double(min(max(failures, 1), 20))
    var ceiling = 1.0
    for _ in 0..<Int(exponent) { ceiling = min(ceiling * 2, longest.inSeconds) }
    return .milliseconds(Int64(1000 * (1 + random * (ceiling - 1))))
  }
}
