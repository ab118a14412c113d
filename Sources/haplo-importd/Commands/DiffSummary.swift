import FoundationEssentials
import ImportCore
import ImportService
import ImportSystem

/// The summary of a file in JSON.
struct DiffSummary: Encodable {
  private let set, other: String
  private let pair: ComparedPair
  private let recordKey: String?
  private let counts: RecordDiff.Counts?
  private let note: String?

  init(
    _ new: ComparedSet, _ old: ComparedSet, _ pair: ComparedPair, recordKey: String?,
    _ counts: RecordDiff.Counts?,
    note: String?
  ) {
    set = new.name
    other = old.name
    self.pair = pair
    self.recordKey = recordKey
    self.counts = counts
    self.note = note
  }

  private enum Key: String, CodingKey {
    case set, other, key, file, recordKey, before, now, added, removed, changed, withoutKey, repeated, note
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(set, forKey: .set)
    try values.encode(other, forKey: .other)
    try values.encode(pair.key, forKey: .key)
    try values.encode(pair.new?.name ?? pair.old?.name, forKey: .file)
    try values.encode(recordKey, forKey: .recordKey)
    try values.encode(counts.map { Int64($0.before) } ?? pair.old?.records, forKey: .before)
    try values.encode(counts.map { Int64($0.now) } ?? pair.new?.records, forKey: .now)
    try values.encode(counts?.added, forKey: .added)
    try values.encode(counts?.removed, forKey: .removed)
    try values.encode(recordKey == nil ? nil : counts?.changed, forKey: .changed)
    try values.encode(recordKey == nil ? nil : counts?.withoutKey, forKey: .withoutKey)
    try values.encode(recordKey == nil ? nil : counts?.repeated, forKey: .repeated)
    try values.encode(note, forKey: .note)
  }
}
