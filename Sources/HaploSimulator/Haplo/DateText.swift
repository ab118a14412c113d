/// Writes times as the server's pages do.
enum DateText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `30 Nov 2026, 06:27`, UTC.
  /// - Parameter seconds: since 1970, not negative.
  static func short(_ seconds: Double) -> String {
    let all = Int(seconds)
    let (year, month, day) = date(ofDay: all / 86400)
    let minutes = all % 86400 / 60
    return "\(padded(day)) \(months[month - 1]) \(year), \(padded(minutes / 60)):\(padded(minutes % 60))"
  }

  /// The Gregorian date of a day counted from 1 January 1970. Years are counted from March, so that the day that
  /// leap years add is a year's last.
  private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
