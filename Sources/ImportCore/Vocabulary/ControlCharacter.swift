extension Unicode.Scalar {
  /// True for a control character: Unicode's category Cc, which is these 65 and never gets another (Unicode Character
  /// Encoding Stability Policies). Asking the tables for the category takes far longer, and every name is asked.
  public var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}
