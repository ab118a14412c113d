/// Fate of each record between two files.
public struct RecordChanges: Sendable {
  /// Fate of one record.
  public enum Change: UInt8, Sendable {
    case none, removed, added, changed
  }

  /// For each record of the file before, and of the file now.
  public private(set) var before: [Change]
  public private(set) var now: [Change]
  public private(set) var removed = 0
  public private(set) var added = 0
  public private(set) var changed = 0

  /// Compares two finished files. Without keys, equal records are paired one by one.
  public init(from old: RecordIndex, to new: RecordIndex) {
    before = [Change](repeating: .none, count: old.count)
    now = [Change](repeating: .none, count: new.count)
    var (left, right) = (0, 0)
    while left < old.entries.count || right < new.entries.count {
      let one = left < old.entries.count ? old.entries[left] : nil
      let other = right < new.entries.count ? new.entries[right] : nil
      if let one, other.map({ one.key < $0.key }) ?? true {
        before[Int(one.place)] = .removed
        removed += 1
        left += 1
      } else if let other, one.map({ other.key < $0.key }) ?? true {
        now[Int(other.place)] = .added
        added += 1
        right += 1
      } else if let one, let other {
        if one.content != other.content {
          (before[Int(one.place)], now[Int(other.place)]) = (.changed, .changed)
          changed += 1
        }
        left += 1
        right += 1
      }
    }
  }
}
