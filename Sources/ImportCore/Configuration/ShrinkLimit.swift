/// How much smaller than before a file may be until a person has to look at it (`ShrinkLimit=30%`).
public struct ShrinkLimit: Hashable, Sendable, CustomStringConvertible {
  /// The share that may be missing, in hundredths.
  public let percent: Int

  /// Takes a share from 0 (no byte may be missing) to 99 hundredths; nil for any other: a file cannot lose more than all.
  public init?(percent: Int) {
    guard (0...99).contains(percent) else { return nil }
    self.percent = percent
  }

  /// Reads `30%`; nil if it is none.
  public init?(_ text: String) {
    guard text.utf8.last == UInt8(ascii: "%") else { return nil }
    let digits = text.dropLast()
    let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber, let percent = Int(digits) else { return nil }
    self.init(percent: percent)
  }

  /// As it is written in a configuration.
  public var description: String { "\(percent)%" }

  /// True if a file that had `old` bytes has lost more than this share now that it has `new`.
  public func isExceeded(from old: Int64, to new: Int64) -> Bool {
    guard old > new else { return false }
    // Sizes times a hundred can be more than 64 bits hold.
    let lost = (old - new).multipliedFullWidth(by: 100)
    let allowed = old.multipliedFullWidth(by: Int64(percent))
    return lost.high != allowed.high ? lost.high > allowed.high : lost.low > allowed.low
  }
}
