/// The form in which a set was dropped.
public enum SetForm: String, Codable, Sendable {
  /// A folder of its own, taken whole by one rename.
  case folder
  /// Files in the drop directory itself, taken one by one.
  case flat
}
