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
