/// A moment as the calendar and the clock in UTC show it. Every record of the journal holds one as text and every start
/// reads them all, so this is arithmetic on bytes: formatting by Foundation took a good part of the time of a start.
struct CalendarTime {
  private var days: Int64
  private var secondOfDay: Int64
  private var fraction: Int64

  /// Takes microseconds since 1970.
  init(microseconds: Int64) {
    let (seconds, fraction) = Self.divided(microseconds, by: 1_000_000)
    (days, secondOfDay) = Self.divided(seconds, by: 86_400)
    self.fraction = fraction
  }

  /// Reads `2026-11-24T07:05:12Z`, or with up to nine digits of a fraction, of which six count; nil for anything else.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (20...30).contains(bytes.count), bytes.last == UInt8(ascii: "Z") else { return nil }
    for (position, mark) in zip([4, 7, 10, 13, 16], "--T::".utf8) where bytes[position] != mark { return nil }
    func number(_ range: Range<Int>) -> Int64? { Self.number(bytes[range]) }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...Self.length(of: month, year)).contains(day), hour < 24, minute < 60,
      second < 60, let fraction = Self.fraction(bytes[19..<bytes.count - 1])
    else { return nil }
    days = Self.days(year, month, day)
    secondOfDay = (hour * 60 + minute) * 60 + second
    self.fraction = fraction
  }

  /// Microseconds since 1970.
  var microseconds: Int64 { (days * 86_400 + secondOfDay) * 1_000_000 + fraction }

  /// With these marks within date and time, as RFC 3339 or ISO 8601 want it; to the second, or with six digits of one.
  func text(_ dateMark: String, _ timeMark: String, isPrecise: Bool = false) -> String {
    let (year, month, day) = Self.date(days)
    var text: [UInt8] = []
    text.reserveCapacity(32)
    Self.append(year, 4, to: &text)
    for part in [month, day] {
      text += dateMark.utf8
      Self.append(part, 2, to: &text)
    }
    text.append(UInt8(ascii: "T"))
    Self.append(secondOfDay / 3600, 2, to: &text)
    for part in [secondOfDay / 60 % 60, secondOfDay % 60] {
      text += timeMark.utf8
      Self.append(part, 2, to: &text)
    }
    if isPrecise {
      text.append(UInt8(ascii: "."))
      Self.append(fraction, 6, to: &text)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// At least so many digits; a year outside of 0 to 9999 is written somehow, for it cannot be read anyway.
  private static func append(_ number: Int64, _ length: Int, to text: inout [UInt8]) {
    let start = text.count
    for _ in 0..<length { text.append(UInt8(ascii: "0")) }
    var rest = number
    for place in (start..<text.count).reversed() where rest > 0 {
      text[place] += UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    guard rest != 0 else { return }
    text.removeLast(length)
    let digits = String(number).utf8
    for _ in 0..<max(0, length - digits.count) { text.append(UInt8(ascii: "0")) }
    text += digits
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  /// Nothing, or a point and digits.
  private static func fraction(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let point = bytes.first else { return 0 }
    let digits = bytes.dropFirst()
    guard point == UInt8(ascii: "."), !digits.isEmpty, number(digits) != nil else { return nil }
    return number((digits + [UInt8](repeating: UInt8(ascii: "0"), count: 6)).prefix(6))
  }

  // The Gregorian calendar in cycles of 400 years, which have 146,097 days, and in years that begin in March, so that
  // the leap day is the last of its year.

  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let (cycle, yearOfCycle) = divided(month < 3 ? year - 1 : year, by: 400)
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    return cycle * 146_097 + dayOfCycle - daysBefore1970
  }

  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (cycle, dayOfCycle) = divided(days + daysBefore1970, by: 146_097)
    let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
    let yearOfCycle = (dayOfCycle - leapDays) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
      cycle * 400 + yearOfCycle + (month < 3 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
  }

  /// Days from 1 March of the year 0.
  private static let daysBefore1970: Int64 = 719_468

  private static func length(of month: Int64, _ year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Quotient and remainder, both rounded down.
  private static func divided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
