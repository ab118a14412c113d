import ImportCore
import ImportSystem

/// Reads the records of one data file block by block, with whichever reader the server has for it. Its memory grows with
/// the records of one block, not with the file.
struct RecordReader: ~Copyable {
  private var json: JSONRecordReader?
  private var table: TableRecordReader?
  private var xml: XMLRecordReader?

  /// Begins a file; nil if a plugin reads it.
  init?(_ options: ReaderOptions, _ demand: RecordDemand) {
    let isSingle = options.isSingleRecord ?? false
    switch options.reader {
    case .json: json = JSONRecordReader(isSingleRecord: isSingle, demand)
    case .tsv: table = TableRecordReader(separator: options.separator, charset: options.charset, demand)
    case .xmlAttributes, .xmlTextOfChildren:
      xml = XMLRecordReader(
        fields: options.reader == .xmlAttributes ? .attributes : .children, isSingleRecord: isSingle, demand)
    case nil: return nil
    }
  }

  /// Takes the next block, and lends the records that ended in it, with the names of fields so far, where they are wanted.
  mutating func take(_ block: UnsafeRawBufferPointer, _ body: (RecordBatch, FieldNames) -> Void) {
    json?.take(block)
    table?.take(block)
    xml?.take(block)
    lend(body)
  }

  /// Ends the file, and lends its last records.
  /// - Returns: why it was not read to its end; nil if it was.
  mutating func finish(_ body: (RecordBatch, FieldNames) -> Void) -> String? {
    var problem: String?
    if let findings = json?.finish(), let finding = findings.errors.first {
      problem = finding.text(for: "").drop { $0 == ":" }.description
    }
    table?.finish()
    if let text = xml?.finish() { problem = text }
    lend(body)
    return problem
  }

  private mutating func lend(_ body: (RecordBatch, FieldNames) -> Void) {
    if let json { lend(json.batch, json.names, body) }
    if let table { lend(table.batch, table.names, body) }
    if let batch = xml?.batch, let names = xml?.names { lend(batch, names, body) }
  }

  private func lend(_ batch: RecordBatch, _ names: FieldNames, _ body: (RecordBatch, FieldNames) -> Void) {
    if !batch.records.isEmpty { body(batch, names) }
  }
}
