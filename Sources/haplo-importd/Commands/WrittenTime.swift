import ImportCore

/// A moment as people write it on a command line.
enum WrittenTime {
  private static let day: Int64 = 86_400_000_000

  /// Reads a moment: RFC 3339 in UTC, a date, a date and a time of day (UTC), `now`, `today`, `yesterday`, or a time span
  /// before now. A date alone means its first moment or, with `isEnd`, its last one. Nil for anything else.
  static func moment(_ text: String, now: Timestamp, isEnd: Bool = false) -> Timestamp? {
    let today = now.microseconds - now.microseconds % day
    switch text {
    case "now": return now
    case "today": return whole(today, isEnd)
    case "yesterday": return whole(today - day, isEnd)
    default: break
    }
    if let moment = Timestamp(text) ?? Timestamp(text.replacing(" ", with: "T") + "Z") { return moment }
    if let minute = Timestamp(text.replacing(" ", with: "T") + ":00Z") { return minute }
    if let first = Timestamp(text + "T00:00:00Z") { return whole(first.microseconds, isEnd) }
    guard let span = TimeSpan.parse(text) else { return nil }
    let moment = now.microseconds.subtractingReportingOverflow(span.microseconds)
    return Timestamp(microseconds: moment.overflow ? 0 : max(0, moment.partialValue))
  }

  private static func whole(_ first: Int64, _ isEnd: Bool) -> Timestamp {
    Timestamp(microseconds: isEnd ? first + day - 1 : first)
  }
}
