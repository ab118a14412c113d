extension ValueForm<Int> {
  /// A whole number within bounds.
  static func number(in range: ClosedRange<Int>) -> ValueForm {
    ValueForm(
      parse: { text throws(BadValue) in
        let isDigits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isDigits, let number = Int(text), range.contains(number) else {
          throw BadValue("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
      }, text: { "\($0)" })
  }
}

extension ValueForm<Int64> {
  /// A size in bytes, `least` or more.
  static func size(atLeast least: Int64) -> ValueForm {
    ValueForm(
      parse: { text throws(BadValue) in
        guard let bytes = ByteSize.parse(text) else {
          throw BadValue("must be a number of bytes, perhaps with K, M, G or T, such as '64M'")
        }
        guard bytes >= least else { throw BadValue("must be \(ByteSize.text(least)) or more") }
        return bytes
      }, text: ByteSize.text)
  }
}

extension ValueForm<ShrinkLimit> {
  /// A share of the whole, in hundredths.
  static let share = ValueForm(
    parse: { text throws(BadValue) in
      guard let limit = ShrinkLimit(text) else {
        throw BadValue("must be a share from '0%' to '99%', such as '30%'")
      }
      return limit
    }, text: { $0.description })
}

extension ValueForm<Int64> {
  static let records = ValueForm(
    parse: { text throws(BadValue) in
      guard let count = Share.number(text) else {
        throw BadValue("must be a number of records, such as '1000'")
      }
      return count
    }, text: { String($0) })
}

extension ValueForm<ChangeLimit> {
  /// A share of a number of records.
  static let changeLimit = ValueForm(
    parse: { text throws(BadValue) in
      guard let limit = ChangeLimit(text) else {
        throw BadValue("must be a share from '0%' to '1000%', such as '20%'")
      }
      return limit
    }, text: { $0.description })
}

extension ValueForm<RemovalLimit> {
  /// A share of the records, or a number of them.
  static let removalLimit = ValueForm(
    parse: { text throws(BadValue) in
      guard let limit = RemovalLimit(text) else {
        throw BadValue("must be a share from '0%' to '99%', such as '10%', or a number, such as '50 records'")
      }
      return limit
    }, text: { $0.description })
}

extension ValueForm<Duration> {
  /// A time span that ends, `least` or more.
  static func timeSpan(atLeast least: Duration) -> ValueForm {
    ValueForm(
      parse: { text throws(BadValue) in
        if text == "infinity" { throw BadValue("must end some time; 'infinity' is not possible here") }
        return try Self.read(text, atLeast: least)
      }, text: TimeSpan.text, isTimeSpan: true)
  }

  fileprivate static func read(_ text: String, atLeast least: Duration) throws(BadValue) -> Duration {
    guard let span = TimeSpan.parse(text) else {
      throw BadValue("must be a time span, such as '30s', '5min' or '1h 30s'")
    }
    guard span >= least else { throw BadValue("must be \(TimeSpan.text(least)) or more") }
    return span
  }
}

extension ValueForm<Duration?> {
  /// A time span, or `infinity` for none.
  static func timeSpanOrInfinity(atLeast least: Duration = .zero) -> ValueForm {
    ValueForm(
      parse: { text throws(BadValue) in
        text == "infinity" ? nil : try ValueForm<Duration>.read(text, atLeast: least)
      }, text: { $0.map(TimeSpan.text) ?? "infinity" }, isTimeSpan: true)
  }
}

/// Reads and writes sizes in bytes, as systemd does: a number, perhaps with K, M, G or T (powers of 1024).
public enum ByteSize {
  private static let units: [(letter: Character, bytes: Int64)] = [
    ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
  ]

  /// Reads a size; nil for anything else, and for what does not fit in 63 bits.
  public static func parse(_ text: String) -> Int64? {
    let unit = units.first { $0.letter == text.last }
    let digits = unit == nil ? Substring(text) : text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int64(digits)
    else { return nil }
    let product = number.multipliedReportingOverflow(by: unit?.bytes ?? 1)
    return product.overflow ? nil : product.partialValue
  }

  /// Writes a size with the largest unit that leaves it whole: `64M`, `1536K`, `1000`.
  public static func text(_ bytes: Int64) -> String {
    guard let unit = units.first(where: { bytes != 0 && bytes % $0.bytes == 0 }) else { return "\(bytes)" }
    return "\(bytes / unit.bytes)\(unit.letter)"
  }
}
