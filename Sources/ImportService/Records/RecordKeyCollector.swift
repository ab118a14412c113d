import FoundationEssentials
import ImportCore
import ImportSystem

/// Collects the record keys of a file while it is read.
struct RecordKeyCollector: ~Copyable {
  private struct Tally {
    var hashes: [UInt64] = []
    var withoutKey = 0

    mutating func add(_ batch: RecordBatch) {
      for record in batch.records {
        if let key = record.key { hashes.append(key) } else { withoutKey += 1 }
      }
    }
  }

  private let field: String
  private var reader: RecordReader
  private var tally = Tally()

  /// Begins a file; nil if a plugin reads it.
  init?(_ options: ReaderOptions, field: String) {
    guard let reader = RecordReader(options, RecordDemand(key: field, contents: false)) else { return nil }
    self.reader = reader
    self.field = field
  }

  /// Takes the next block.
  mutating func take(_ block: UnsafeRawBufferPointer) {
    var taken = Tally()
    swap(&taken, &tally)
    reader.take(block) { batch, _ in taken.add(batch) }
    swap(&taken, &tally)
  }

  /// Ends the file. Returns its keys, and warnings about records without one and about keys that repeat.
  mutating func finish() -> (keys: RecordKeys, findings: ValidationFindings) {
    var taken = Tally()
    swap(&taken, &tally)
    _ = reader.finish { batch, _ in taken.add(batch) }
    taken.hashes.sort()
    let count = taken.hashes.count
    let hashes = taken.hashes.reduce(into: [UInt64]()) { if $0.last != $1 { $0.append($1) } }
    var findings = ValidationFindings()
    if taken.withoutKey > 0 {
      let text = "\(Self.records(taken.withoutKey)) without a value of the record key '\(field)'"
      findings.add(ValidationFinding(.warning, text))
    }
    if count > hashes.count {
      let text =
        "\(Self.records(count - hashes.count)) with a value of the record key '\(field)' that another one has"
      findings.add(ValidationFinding(.warning, text))
    }
    return (RecordKeys(field: field, hashes: hashes), findings)
  }

  private static func records(_ count: Int) -> String { "\(count) record\(count == 1 ? "" : "s")" }
}
