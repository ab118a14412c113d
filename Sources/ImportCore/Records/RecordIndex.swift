/// The records of one file as hashes, for comparing it with another: 24 bytes for each.
public struct RecordIndex: Sendable {
  struct Entry: Sendable {
    /// Hash of the key, or of the content where records have no key.
    var key: UInt64
    var content: UInt64
    /// Number of the record in its file, from 0.
    var place: UInt32
  }

  /// True if records are compared by their keys, false if by their contents.
  public let hasKeys: Bool
  /// Records in all.
  public private(set) var count = 0
  /// Records without a key, which are not compared.
  public private(set) var withoutKey = 0
  /// Records that are not compared, because a later one has the same key.
  public private(set) var repeated = 0
  private(set) var entries: [Entry] = []

  /// Begins without records. `hasKeys` if a field identifies a record.
  public init(hasKeys: Bool) { self.hasKeys = hasKeys }

  /// Adds the next records of the file.
  public mutating func add(_ batch: RecordBatch) {
    for record in batch.records {
      let place = UInt32(truncatingIfNeeded: count)
      count += 1
      guard let key = hasKeys ? record.key : record.content else {
        withoutKey += 1
        continue
      }
      entries.append(Entry(key: key, content: record.content, place: place))
    }
  }

  /// Ends the file: sorts the records by key. Of records with the same key the last one counts, as it does for an import.
  public mutating func finish() {
    entries.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    guard hasKeys else { return }
    var kept = 0
    for index in entries.indices {
      if index + 1 < entries.count, entries[index + 1].key == entries[index].key { continue }
      entries[kept] = entries[index]
      kept += 1
    }
    repeated = entries.count - kept
    entries.removeLast(repeated)
  }
}

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
