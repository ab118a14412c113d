/// An alarm about a source from which no set has come for too long (`ExpectEverySec=`), while it stands.
public struct Silence: Hashable, Codable, Sendable {
  /// Since when no set had come when the alarm was raised.
  public var since: Timestamp
  /// When the next set came; nil while it has not.
  public internal(set) var ended: Timestamp?
}

/// What there is to say of a source about the sets that it should send.
public enum ArrivalNews: Hashable, Sendable {
  /// No set has come since then, for so many times the span in which one is expected.
  case silent(since: Timestamp, missed: Int)
  /// A set has come after the alarm: none had for so long.
  case heard(after: Duration, missed: Int)
}

extension SourceHistory {
  /// From when the next set is waited for: the last one came then, or the source was resumed or first expected to send.
  private var waitedSince: Timestamp? {
    guard let arrived, let awaitedSince else { return arrived ?? awaitedSince }
    return max(arrived, awaitedSince)
  }

  /// When the alarm is due for a source that is to send a set in every `span`; nil where nothing is counted yet.
  public func alarmTime(expecting span: Duration) -> Timestamp? { waitedSince?.advanced(by: span) }

  /// How long no set has come, if that is too long: since when, and how many spans have passed without one.
  public func silence(expecting span: Duration, now: Timestamp) -> (since: Timestamp, missed: Int)? {
    guard let since = waitedSince, now.since(since) >= span else { return nil }
    return (since, Self.spans(in: now.since(since), span))
  }

  /// Says what is new about arrivals, and remembers that it was said; nil when there is nothing (more) to say. `span` is
  /// nil where no set is expected. While a source `isStopped` nothing of it is taken, so nothing is missed.
  public mutating func review(expecting span: Duration?, isStopped: Bool, now: Timestamp) -> ArrivalNews? {
    guard let span else {
      (awaitedSince, silence) = (nil, nil)
      return nil
    }
    if let silence, let ended = silence.ended {
      self.silence = nil
      let quiet = max(ended.since(silence.since), .zero)
      return .heard(after: quiet, missed: Self.spans(in: quiet, span))
    }
    if waitedSince == nil { awaitedSince = now }
    // A clock that was ahead would silence the alarm until it is that late again.
    arrived = arrived.map { min($0, now) }
    awaitedSince = awaitedSince.map { min($0, now) }
    guard !isStopped, silence == nil, let (since, missed) = silence(expecting: span, now: now) else {
      return nil
    }
    silence = Silence(since: since)
    return .silent(since: since, missed: missed)
  }

  /// A set has come.
  mutating func noteArrival(at time: Timestamp) {
    arrived = time
    if silence?.ended == nil { silence?.ended = time }
  }

  /// A source that was paused or halted goes on: what did not come meanwhile was not missed.
  mutating func noteResumption(at time: Timestamp) { if waitedSince != nil { awaitedSince = time } }

  private static func spans(in duration: Duration, _ span: Duration) -> Int { Int(duration / span) }
}
