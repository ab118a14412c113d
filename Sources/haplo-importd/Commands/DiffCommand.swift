import FoundationEssentials
import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let diff = Subcommand(
    name: "diff", operands: "SET [OTHER]", operandCount: 1...2,
    summary: "compares a set's records with those of an earlier set",
    details: """
      SET and OTHER are ids or unambiguous prefixes, or, with a '/' in it, the path of a set
      that was not picked up yet: its folder or control file. Without OTHER, SET is compared
      with the set of its source that was scheduled before it in the same mode. For each
      file, prints the number of records before and now. With RecordKey.KEY=, records are
      paired by their keys: added, removed and changed records are counted, and the first \(DiffReport.limit)
      of each are named, changed ones with the changed fields. Without it, equal records are
      paired, and added and removed records are named by their number in the file.
      --json prints a summary of each file, followed by each record that differs.

      Reads the files itself, so run it as root or as the daemon's user. Exit status: 0
      with or without differences, 65 if a file cannot be read to its end, 66 if there is no
      such set, or retention has deleted its files.
      """,
    options: [.rules, .json]
  ) { invocation throws(Failure) in
    var finder = try ComparedSetFinder(invocation)
    let new = try finder.find(invocation.operands[0])
    let old =
      invocation.operands.count == 2 ? try finder.find(invocation.operands[1]) : try finder.previous(of: new)
    let keys = finder.recordKeys(new.source)
    if invocation.has(.json) {
      return try await DiffReport(old.set, new.set, keys, command: "diff").writeJSON()
    }
    return try await DiffReport(old.set, new.set, keys, command: "diff").write(Terminal.style())
  }
}

/// The summary of a file in JSON.
struct DiffSummary: Encodable {
  private let set, other: String
  private let pair: ComparedPair
  private let recordKey: String?
  private let counts: RecordDiff.Counts?
  private let note: String?

  init(
    _ new: ComparedSet, _ old: ComparedSet, _ pair: ComparedPair, recordKey: String?,
    _ counts: RecordDiff.Counts?, note: String?
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
