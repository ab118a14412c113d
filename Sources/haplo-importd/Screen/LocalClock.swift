import Glibc
import ImportCore

/// Tells times as people read them.
struct LocalClock: Sendable {
  /// The moment from which others are told.
  var now: Timestamp
  /// How far local time is ahead of UTC at a moment, in seconds.
  var offset: @Sendable (Timestamp) -> Int

  /// The machine's time zone, or that of `TZ`.
  static func local(now: Timestamp) -> LocalClock {
    LocalClock(now: now) { moment in
      var seconds = time_t(moment.microseconds / 1_000_000)
      var parts = tm()
      return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
    }
  }

  /// Local time with its offset: `2026-11-24 08:05:12+01:00`.
  func text(_ moment: Timestamp) -> String {
    let offset = offset(moment)
    let local = moment.advanced(by: .seconds(offset)).rfc3339.dropLast().replacing("T", with: " ")
    let minutes = abs(offset) / 60
    return local + (offset < 0 ? "-" : "+") + Self.twoDigits(minutes / 60) + ":"
      + Self.twoDigits(minutes % 60)
  }

  /// How long ago, or in how long: `now`, `3 min ago`, `in 40 s`.
  func relative(_ moment: Timestamp) -> String {
    let seconds = Int64(moment.since(now).inSeconds.rounded())
    if seconds == 0 { return "now" }
    return seconds < 0 ? "\(Self.span(-seconds)) ago" : "in \(Self.span(seconds))"
  }

  /// A time in one unit, as exact as a person wants it.
  static func span(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86400) d"
    }
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
