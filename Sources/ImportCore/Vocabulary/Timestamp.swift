/// A moment of the calendar clock, in microseconds since 1970-01-01T00:00:00Z. It is for people and
/// for names; what must be waited for is measured by ``MonotonicInstant``, which nobody can set back.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public let microseconds: Int64

  /// Takes microseconds since 1970-01-01T00:00:00Z.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Reads an RFC 3339 time in UTC with whole seconds, or with a fraction; nil for anything else.
  public init?(_ text: String) {
    guard let time = CalendarTime(text) else { return nil }
    self.init(microseconds: time.microseconds)
  }

  /// RFC 3339 in UTC, whole seconds, rounded down: `2026-11-24T07:05:12Z`.
  public var rfc3339: String { CalendarTime(microseconds: microseconds).text("-", ":") }

  /// RFC 3339 in UTC with six digits of a second, from which the same value can be read back.
  public var rfc3339Precise: String {
    CalendarTime(microseconds: microseconds).text("-", ":", isPrecise: true)
  }

  /// The form that stands in a set's id: `20261124T070512Z`.
  public var compact: String { CalendarTime(microseconds: microseconds).text("", "") }

  /// The same moment, later by `duration`.
  public func advanced(by duration: Duration) -> Timestamp {
    Timestamp(microseconds: microseconds.addingSaturated(duration.microseconds))
  }

  /// The time from `other` to this moment; negative if `other` is later.
  public func since(_ other: Timestamp) -> Duration {
    .microseconds(microseconds.subtractingSaturated(other.microseconds))
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }
}

/// A moment of the machine's monotonic clock (CLOCK_MONOTONIC), in nanoseconds since an unknown
/// start: good for measuring, meaningless after a restart of the machine, never journaled.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's own start.
  public let nanoseconds: Int64

  /// Takes nanoseconds since the clock's own start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The same moment, later by `duration`.
  public func advanced(by duration: Duration) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: nanoseconds.addingSaturated(duration.nanoseconds))
  }

  /// The time from `other` to this moment; negative if `other` is later.
  public func since(_ other: MonotonicInstant) -> Duration {
    .nanoseconds(nanoseconds.subtractingSaturated(other.nanoseconds))
  }

  public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// Whole microseconds, cut towards zero; the nearest value where it would not fit.
  public var microseconds: Int64 { scaled(perSecond: 1_000_000) }

  /// Whole nanoseconds, cut towards zero; the nearest value where it would not fit (292 years).
  public var nanoseconds: Int64 { scaled(perSecond: 1_000_000_000) }

  /// Seconds as a fraction, for arithmetic where an exact value does not matter.
  public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

  private func scaled(perSecond: Int64) -> Int64 {
    let (seconds, attoseconds) = components
    return seconds.multipliedSaturated(perSecond).addingSaturated(
      attoseconds / (1_000_000_000_000_000_000 / perSecond))
  }
}

/// Arithmetic on times and sizes from outside, which a file system or a clock may give any value: a result that does not fit is the
/// nearest that does.
extension Int64 {
  /// The sum.
  public func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference.
  public func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// The product.
  public func multipliedSaturated(_ other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
  }

  /// The sum of counts; nil if one of them is not known, or there is none.
  public static func total(_ counts: [Int64?]) -> Int64? {
    guard !counts.isEmpty, !counts.contains(nil) else { return nil }
    return counts.reduce(0) { $0.addingSaturated($1 ?? 0) }
  }
}
