/// Whether a server may be asked at all. One refused key or one lockout concerns every set and source, and
/// each further request with a bad key brings the whole host nearer to being locked out (PROTOCOL: 50
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
    stop = Stop(
      cause: cause, reason: reason, since: last?.since ?? now, probes: probes, next: next, key: key)
    isProven = false
    return last == nil
  }

  /// A form request, such as a probe, is refused in the same words for a lockout and for a wrong key (PROTOCOL),
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
