/// Reads and writes time spans as systemd does (systemd.time(7)): `5min`, `1h 30s`, `2 days`, `500ms`, a
/// bare number for seconds. `infinity` is the caller's affair.
public enum TimeSpan {
  /// The units and how many microseconds they have: a month is 30.44 days, a year 365.25.
  private static let units: [(names: [String], microseconds: Int64)] = [
    (["usec", "us", "µs", "μs"], 1), (["msec", "ms"], 1000),
    (["seconds", "second", "sec", "s"], 1_000_000), (["minutes", "minute", "min", "m"], 60_000_000),
    (["hours", "hour", "hr", "h"], 3_600_000_000), (["days", "day", "d"], 86_400_000_000),
    (["weeks", "week", "w"], 604_800_000_000), (["months", "month", "M"], 2_630_016_000_000),
    (["years", "year", "y"], 31_557_600_000_000),
  ]

  /// The units that are used for writing, from large to small.
  private static let written: [(name: String, microseconds: Int64)] = [
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000),
    ("us", 1),
  ]

  /// Reads a span; nil for anything that systemd would not take, or that is longer than 292,000 years.
  public static func parse(_ text: String) -> Duration? {
    var rest = Substring(text).drop(while: isSpace)
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      guard let part = takePart(&rest) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      if overflow { return nil }
      total = sum
    }
    return .microseconds(total)
  }

  /// The span with `s` behind each number that has no unit; nil if all have one. A zero needs none.
  public static func withUnits(_ text: String) -> String? {
    guard let span = parse(text), span != .zero else { return nil }
    var rest = Substring(text).drop(while: isSpace)
    var parts: [String] = []
    var isBare = false
    while !rest.isEmpty {
      let start = rest
      guard takePart(&rest) != nil else { return nil }
      let part = start[..<rest.startIndex].filter { !isSpace($0) }
      let hasUnit = part.last.map { !isDigit($0) && $0 != "." } ?? false
      isBare = isBare || !hasUnit
      parts.append(hasUnit ? part : part + "s")
    }
    return isBare ? parts.joined(separator: " ") : nil
  }

  /// Writes a span in the form that `parse` reads, exact to the microsecond: `1h 30s`, `90s`; `0` for none.
  /// Minutes are used from two minutes on.
  public static func text(_ span: Duration) -> String {
    var rest = span.microseconds
    var parts: [String] = []
    let largest = rest < 120_000_000 ? 1_000_000 : Int64.max
    for unit in written where unit.microseconds <= rest && unit.microseconds <= largest {
      parts.append("\(rest / unit.microseconds)\(unit.name)")
      rest %= unit.microseconds
    }
    return parts.isEmpty ? "0" : parts.joined(separator: " ")
  }

  /// Takes one number with its unit, and the spaces after it; microseconds.
  private static func takePart(_ rest: inout Substring) -> Int64? {
    let whole = takeDigits(&rest)
    var fraction: Substring = ""
    if rest.first == "." {
      rest.removeFirst()
      fraction = takeDigits(&rest)
      if fraction.isEmpty { return nil }
    }
    guard !whole.isEmpty, let number = Int64(whole) else { return nil }
    rest = rest.drop(while: isSpace)
    let name = rest.prefix { !isSpace($0) && !isDigit($0) && $0 != "." }
    rest = rest[name.endIndex...].drop(while: isSpace)
    guard
      let unit = name.isEmpty
        ? 1_000_000 : units.first(where: { $0.names.contains(String(name)) })?.microseconds
    else { return nil }
    let product = number.multipliedReportingOverflow(by: unit)
    let sum = product.partialValue.addingReportingOverflow(microseconds(ofFraction: fraction, of: unit))
    return product.overflow || sum.overflow ? nil : sum.partialValue
  }

  /// What the digits after the point are worth, cut to whole microseconds.
  private static func microseconds(ofFraction digits: Substring, of unit: Int64) -> Int64 {
    var value: Int64 = 0
    var place = unit
    for digit in digits.utf8 {
      place /= 10
      value += place * Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func takeDigits(_ rest: inout Substring) -> Substring {
    let digits = rest.prefix(while: isDigit)
    rest = rest[digits.endIndex...]
    return digits
  }

  private static func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character) && character.isASCII
  }
  private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
}
