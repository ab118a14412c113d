import ImportCore
public import ImportSystem

/// Changes of the records of a set since another one, in a line for each file: for people who approve it.
public enum RecordSummary {
  /// Compares two sets by what was recorded of them: their record keys, where both have them and they can be read here, else the
  /// numbers of records. Blocks.
  public static func lines(of set: SetReport, since last: SetReport, fileSystem: FileSystem) -> [String] {
    let own = try? fileSystem.openDirectory(set.path, for: "compare")
    let other = try? fileSystem.openDirectory(last.path, for: "compare")
    let before = Dictionary(last.files.map { (ExactText($0.key ?? ""), $0) }) { first, _ in first }
    let now = Set(set.files.map { ExactText($0.key ?? "") })
    let kept = set.files.map { file in
      let key = file.key ?? ""
      return line(key, file.records, before[ExactText(key)], last.set) {
        guard let own, let other else { return nil }
        return changes(key, own, other)
      }
    }
    return kept
      + last.files.filter { !now.contains(ExactText($0.key ?? "")) }.map {
        "\($0.key ?? ""): no file any more (\(text($0.records)) in \(last.set))"
      }
  }

  private static func line(
    _ key: String, _ records: Int64?, _ before: SetReport.File?, _ last: SetID,
    _ changes: () -> (added: Int64, removed: Int64)?
  ) -> String {
    guard let before else { return "\(key): \(text(records)) (no such file in \(last))" }
    guard let (added, removed) = changes() else {
      return "\(key): \(text(records)) (\(text(before.records)) in \(last))"
    }
    return "\(key): \(text(records)) (+\(added) -\(removed) against \(last))"
  }

  private static func changes(_ key: String, _ own: Directory, _ other: Directory) -> (Int64, Int64)? {
    guard case .success(let now)? = try? RecordKeyFolder.read(for: key, in: own),
      case .success(let before)? = try? RecordKeyFolder.read(for: key, in: other),
      ExactText(now.field) == ExactText(before.field)
    else { return nil }
    return (now.missing(in: before), before.missing(in: now))
  }

  private static func text(_ records: Int64?) -> String {
    records.map { "\($0) record\($0 == 1 ? "" : "s")" } ?? "an unknown number of records"
  }
}
