public import ImportCore
import ImportSystem

/// Compares the records of two data files that the same key of a control file stands for. Memory: 25 bytes for each record of both
/// files, and at most 64 MB for the fields of records that changed, with 16 bytes for each of these records. Both files are
/// read twice, the first time at the same time, the second time for the records that differ only, and once more for each further four
/// million fields of changed records.
public struct RecordDiff: Sendable {
  /// Why two files cannot be compared.
  public enum Failure: Error, CustomStringConvertible {
    /// A plugin of the server reads the file.
    case notReadable(String)
    /// The file is damaged or malformed.
    case broken(String, String)

    public var description: String {
      switch self {
      case .notReadable(let path):
        "\(path): the server reads this file with a plugin, so its records are not known here"
      case .broken(let path, let problem): "\(path): \(problem)"
      }
    }
  }

  /// Numbers of records, and of those that differ.
  public struct Counts: Sendable, Hashable {
    public var before = 0
    public var now = 0
    public var removed = 0
    public var added = 0
    public var changed = 0
    /// Records without a key, in both files.
    public var withoutKey = 0
    /// Records whose key a later one in the same file has.
    public var repeated = 0
  }

  /// Difference of one record.
  public struct Change: Sendable, Hashable {
    public var kind: RecordChanges.Change
    /// The key's text, or, without keys, the number of the record in its file, from 1.
    public var record: String
    /// Names of the fields that changed.
    public var fields: [String]
  }

  /// The file of the earlier set; nil if it has none.
  public var old: ComparedFile?
  /// The file of the set; nil if it has none.
  public var new: ComparedFile?
  /// The field that identifies a record; nil: none does.
  public var key: String?

  public init(old: ComparedFile?, new: ComparedFile?, key: String?) {
    self.old = old
    self.new = new
    self.key = key
  }

  /// Fields of changed records that are kept at a time, 16 bytes each.
  public static let mostFields = 4_000_000

  /// Compares the files. Blocks the calling thread while it reads them for the second time.
  ///
  /// - Parameters:
  ///   - mostFields: How many fields of changed records are kept at a time.
  ///   - counted: Called once, before `found`.
  ///   - found: Called with each record that was removed, added or changed.
  @discardableResult public func run(
    mostFields: Int = mostFields, counted: (Counts) throws -> Void = { _ in }, found: (Change) throws -> Void
  ) async throws -> Counts {
    let (counts, changes) = try await compare()
    try counted(counts)
    guard counts.removed + counts.added + counts.changed > 0 else { return counts }
    var (isFirst, next) = (true, 0)
    while isFirst || next < counts.changed {
      let chunk = try readOld(changes.before, from: next, mostFields, isFirst, found)
      try readNew(changes.now, chunk, isFirst, found)
      // A file that somebody changes meanwhile may have none left.
      if chunk.count == 0, !isFirst { break }
      next += chunk.count
      isFirst = false
    }
    return counts
  }

  /// Reads both files at the same time: a large comparison takes as long as reading does.
  private func compare() async throws -> (Counts, RecordChanges) {
    let readers = try WorkerPool(name: "haplo-compare", threads: 2)
    async let earlier = readers.run { [self] in try index(old) }
    async let later = readers.run { [self] in try index(new) }
    let (before, now) = try await (earlier, later)
    let changes = RecordChanges(from: before, to: now)
    let counts = Counts(
      before: before.count, now: now.count, removed: changes.removed, added: changes.added,
      changed: changes.changed, withoutKey: before.withoutKey + now.withoutKey,
      repeated: before.repeated + now.repeated)
    return (counts, changes)
  }

  private func index(_ file: ComparedFile?) throws -> RecordIndex {
    var index = RecordIndex(hasKeys: key != nil)
    try file?.read(RecordDemand(key: key, contents: true)) { batch, _ in index.add(batch) }
    index.finish()
    return index
  }

  /// Reads the earlier file: finds the removed records, and keeps fields of the changed ones from the `start`th on.
  private func readOld(
    _ changes: [RecordChanges.Change], from start: Int, _ mostFields: Int, _ tellsRemoved: Bool,
    _ found: (Change) throws -> Void
  ) throws -> ChangedRecords {
    var chunk = ChangedRecords()
    var (place, changed, isFull) = (0, 0, false)
    let demand = RecordDemand(key: key, contents: true, names: true, changes: changes)
    try old?.read(demand) { batch, names in
      for record in batch.records {
        let change = place < changes.count ? changes[place] : .none
        place += 1
        if change == .removed, tellsRemoved { try found(self.change(.removed, record, batch, place)) }
        guard change == .changed, let key = record.key else { continue }
        isFull = isFull || chunk.count > 0 && chunk.fieldCount + record.fields.count > mostFields
        if changed >= start, !isFull { chunk.add(key, batch.fields[record.fields]) }
        changed += 1
      }
      chunk.names = names
    }
    chunk.finish()
    return chunk
  }

  /// Reads the file: finds the added records, and the fields in which records of `chunk` differ.
  private func readNew(
    _ changes: [RecordChanges.Change], _ chunk: ChangedRecords, _ tellsAdded: Bool,
    _ found: (Change) throws -> Void
  ) throws {
    var place = 0
    let demand = RecordDemand(key: key, contents: true, names: true, changes: changes)
    try new?.read(demand) { batch, names in
      for record in batch.records {
        let change = place < changes.count ? changes[place] : .none
        place += 1
        if change == .added, tellsAdded { try found(self.change(.added, record, batch, place)) }
        guard change == .changed, let key = record.key, let old = chunk.fields(of: key) else { continue }
        var entry = self.change(.changed, record, batch, place)
        entry.fields = Self.names(
          of: old, and: batch.fields[record.fields], { names[$0] ?? chunk.names[$0] ?? "(other)" })
        try found(entry)
      }
    }
  }

  /// Names of the fields that only one of two records has, or that differ: those of the new one first.
  private static func names(
    of old: ArraySlice<RecordBatch.Field>, and new: ArraySlice<RecordBatch.Field>, _ name: (UInt64) -> String
  ) -> [String] {
    // Exporters write the fields of all records in one order.
    if old.count == new.count, zip(old, new).allSatisfy({ $0.name == $1.name }) {
      return zip(old, new).filter { $0.value != $1.value }.map { name($1.name) }
    }
    let values = Dictionary(old.map { ($0.name, $0.value) }) { _, last in last }
    let kept = Set(new.map(\.name))
    return new.filter { values[$0.name] != $0.value }.map { name($0.name) }
      + old.filter { !kept.contains($0.name) }.map { name($0.name) }
  }

  private func change(
    _ kind: RecordChanges.Change, _ record: RecordBatch.Record, _ batch: RecordBatch, _ number: Int
  ) -> Change {
    Change(kind: kind, record: batch.key(of: record) ?? String(number), fields: [])
  }
}

/// The fields of records that changed, as the earlier file has them: 16 bytes for each record and for each field.
struct ChangedRecords {
  private struct Place {
    var key: UInt64
    var start: UInt32
    var end: UInt32
  }

  private var places: [Place] = []
  private var fields: [RecordBatch.Field] = []
  /// Names of the fields.
  var names = FieldNames()

  /// Number of records.
  var count: Int { places.count }
  /// Number of their fields in all.
  var fieldCount: Int { fields.count }

  /// Adds a record, whose key no other one has.
  mutating func add(_ key: UInt64, _ own: ArraySlice<RecordBatch.Field>) {
    let start = UInt32(truncatingIfNeeded: fields.count)
    fields += own
    places.append(Place(key: key, start: start, end: UInt32(truncatingIfNeeded: fields.count)))
  }

  /// Ends the adding: from here on records are found by their keys.
  mutating func finish() { places.sort { $0.key < $1.key } }

  /// The fields of a record; nil if it was not added.
  func fields(of key: UInt64) -> ArraySlice<RecordBatch.Field>? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = low + (high - low) / 2
      if places[middle].key < key { low = middle + 1 } else { high = middle }
    }
    guard low < places.count, places[low].key == key else { return nil }
    return fields[Int(places[low].start)..<Int(places[low].end)]
  }
}
