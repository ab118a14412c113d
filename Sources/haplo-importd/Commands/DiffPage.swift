import ImportCore
import ImportService

/// Differences in one file, for people: numbers, and the first records of each kind.
struct DiffPage {
  private let key: String
  private let recordKey: String?
  private var changes: [RecordChanges.Change: [RecordDiff.Change]] = [:]

  init(_ key: String, _ recordKey: String?) {
    self.key = key
    self.recordKey = recordKey
  }

  /// Keeps a record if it is among the first of its kind.
  mutating func add(_ change: RecordDiff.Change) {
    guard changes[change.kind, default: []].count < DiffReport.limit else { return }
    changes[change.kind, default: []].append(change)
  }

  func lines(_ counts: RecordDiff.Counts, _ pair: ComparedPair, _ old: ComparedSet, _ new: ComparedSet)
    -> [String]
  {
    var text = "\(key): \(Self.records(counts.now)), \(counts.before) before: "
    let parts = [(counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    text += parts.isEmpty ? "no difference" : parts.joined(separator: ", ")
    if let recordKey { text += " by '\(recordKey)'" }
    var lines = [text]
    if pair.old == nil { lines.append("  set \(old.name) has no such file") }
    if pair.new == nil { lines.append("  set \(new.name) has no such file") }
    if counts.withoutKey > 0 {
      lines.append(
        "  not compared: \(Self.records(counts.withoutKey)) without '\(recordKey ?? "")', in both sets")
    }
    if counts.repeated > 0 {
      lines.append(
        "  not compared: \(Self.records(counts.repeated)) whose '\(recordKey ?? "")' a later one has, in both sets"
      )
    }
    return lines + self.lines(.added, "+", counts.added) + self.lines(.removed, "-", counts.removed)
      + self.lines(.changed, "~", counts.changed)
  }

  private func lines(_ kind: RecordChanges.Change, _ sign: String, _ count: Int) -> [String] {
    let shown = changes[kind] ?? []
    let lines = shown.map { change in
      let name = recordKey == nil ? "record \(change.record)" : change.record
      return "  \(sign) \(name)" + (change.fields.isEmpty ? "" : ": \(change.fields.joined(separator: ", "))")
    }
    return count > shown.count
      ? lines + ["  \(sign) and \(count - shown.count) more (--json lists all)"] : lines
  }

  static func records(_ count: Int) -> String { "\(count) record\(count == 1 ? "" : "s")" }
}
