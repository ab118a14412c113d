import ImportCore
import ImportSystem

/// Reads the records of an XML data file piece by piece, as the server's two readers will: the fields of a record are its
/// children with all that is in them, or its attributes. Children of the same name are one field, in their order.
struct XMLRecordReader: ~Copyable {
  private let demand: RecordDemand
  private let keyName: UInt64?
  private var xml: XMLReader
  private var fields: [RecordBatch.Field] = []
  private var places: [UInt64: Int] = [:]
  private var name: UInt64 = 0
  private var value = RecordHash()
  private var key = RecordKeyText()
  private var isKey = false
  /// Number of records that began.
  private var begun = 0
  /// False inside a record of which nothing is wanted: only its end is noted.
  private var isWanted = true
  private(set) var batch = RecordBatch()
  private(set) var names = FieldNames()

  init(fields: XMLReader.Fields, isSingleRecord: Bool, _ demand: RecordDemand) {
    self.demand = demand
    keyName = demand.key.map { FieldNames.hash($0.utf8) }
    xml = XMLReader(fields: fields, singleRecord: isSingleRecord, names: [], keepsParts: true)
  }

  mutating func take(_ piece: UnsafeRawBufferPointer) {
    xml.take(piece)
    takeParts()
  }

  /// Ends the file. Returns the error because of which it was not read to its end, if there was one.
  mutating func finish() -> String? {
    xml.finish()
    takeParts()
    if xml.isWhole { return nil }
    guard let problem = xml.problems.last else { return "it cannot be read to its end" }
    return "line \(problem.line): \(problem.message)"
  }

  private mutating func takeParts() {
    batch.removeAll()
    let parts = xml.takeParts()
    for (kind, text) in parts { take(kind, parts.bytes, text) }
  }

  private mutating func take(_ kind: XMLReader.PartKind, _ bytes: [UInt8], _ text: Range<Int>) {
    switch kind {
    case .beginRecord:
      isWanted = demand.wants(begun)
      begun += 1
      fields.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
      key.removeAll()
    case _ where !isWanted && kind != .endRecord: break
    case .beginField:
      name = FieldNames.hash(bytes[text])
      if demand.names { names.insert(name, bytes[text]) }
      value = RecordHash()
      isKey = name == keyName
      if isKey { key.removeAll() }
    case .text:
      if isKey { bytes.withUnsafeBytes { key.take($0, text) } }
      if demand.contents { bytes.withUnsafeBytes { value.take($0, text) } }
    case .beginInner:
      value.take(1)
      bytes.withUnsafeBytes { value.take($0, text) }
      value.take(2)
    case .innerText: if demand.contents { bytes.withUnsafeBytes { value.take($0, text) } }
    case .endInner: value.take(3)
    case .endField:
      if demand.contents { add(RecordBatch.Field(name: name, value: value.value)) }
      isKey = false
    case .endRecord:
      let start = batch.fields.count
      batch.add(fields[...])
      batch.end(from: start, key: key, keepingFields: demand.contents)
    }
  }

  private mutating func add(_ field: RecordBatch.Field) {
    guard let place = places[field.name] else {
      places[field.name] = fields.count
      return fields.append(field)
    }
    fields[place].value = RecordHash.mix(fields[place].value, field.value)
  }
}
