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
