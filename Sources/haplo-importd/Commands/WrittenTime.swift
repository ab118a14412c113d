import ImportCore

/// A moment as people write it on a command line.
enum WrittenTime {
  private static let day: Int64 = 86_400_000_000

  /// Reads a moment: RFC 3339, a date, a date and a time of day (UTC), `now`, `today`, `yesterday`, or a time span
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
    if let moment = withOffset(text.uppercased()) { return moment }
    if let minute = Timestamp(text.replacing(" ", with: "T") + ":00Z") { return minute }
    if let first = Timestamp(text + "T00:00:00Z") { return whole(first.microseconds, isEnd) }
    guard let span = TimeSpan.parse(text) else { return nil }
    let moment = now.microseconds.subtractingReportingOverflow(span.microseconds)
    return Timestamp(microseconds: moment.overflow ? 0 : max(0, moment.partialValue))
  }

  /// Reads RFC 3339 with its offset from UTC, such as `2026-11-30T16:00:00+01:00`, or with `Z`.
  private static func withOffset(_ text: String) -> Timestamp? {
    let text = text.replacing(" ", with: "T")
    if text.hasSuffix("Z") { return Timestamp(text) }
    let offset = Array(text.utf8.suffix(6))
    guard offset.count == 6, offset[3] == UInt8(ascii: ":"), "+-".utf8.contains(offset[0]),
      let hours = number(offset[1...2]), let minutes = number(offset[4...5]), hours < 24, minutes < 60,
      let local = Timestamp(String(text.dropLast(6)) + "Z")
    else { return nil }
    let east = (hours * 60 + minutes) * 60_000_000
    return Timestamp(microseconds: local.microseconds + (offset[0] == UInt8(ascii: "+") ? -east : east))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
  }

  private static func whole(_ first: Int64, _ isEnd: Bool) -> Timestamp {
    Timestamp(microseconds: isEnd ? first + day - 1 : first)
  }
}
