import ImportCore

/// A warning for a person who is about to import a set after newer ones of its source: an export of all records then replaces
/// newer data by older.
enum OlderSet {
  /// The warning; nil if no newer set was imported. `completed` is when the set was complete in its drop directory.
  static func warning(completed: Timestamp, _ source: SourceName, _ history: SourceHistory) -> String? {
    let newer = history.imports(completedAfter: completed)
    guard let last = newer.last else { return nil }
    let sets =
      newer.count == 1
      ? "a newer set of source \(source) was" : "\(newer.count) newer sets of source \(source) were"
    return "\(sets) scheduled for import already (\(newer.count == 1 ? "" : "the last one: ")\(last.set)), "
      + "so importing this one may replace newer data by older"
  }
}
