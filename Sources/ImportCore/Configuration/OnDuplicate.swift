/// What becomes of a set that has the same bytes as the last scheduled one of its source (`OnDuplicate=`).
public enum OnDuplicate: String, Sendable, CaseIterable {
  /// It is imported like any other.
  case `import`
  /// It goes to the archive without being sent.
  case skip
  /// A person decides.
  case hold
}
