/// Reads the records of a JSON data file piece by piece, as the server's json reader will: elements of an array, values of
/// an object, or the one record.
public struct JSONRecordReader: Sendable {
  private var parser: JSONParser<JSONRecordCollector>

  /// Begins a file; `isSingleRecord` if the whole file is one record.
  public init(isSingleRecord: Bool, _ demand: RecordDemand) {
    parser = JSONParser(JSONRecordCollector(recordDepth: isSingleRecord ? 0 : 1, demand))
  }

  /// Takes the next piece of the file. ``batch`` then has the records that ended in it.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    parser.consumer.batch.removeAll()
    parser.take(piece)
  }

  /// Ends the file.
  /// - Returns: the errors because of which it was not read to its end; mostly none.
  public mutating func finish() -> ValidationFindings {
    parser.consumer.batch.removeAll()
    let findings = parser.finish()
    return parser.isComplete ? ValidationFindings() : findings
  }

  /// The records that ended in the last piece.
  public var batch: RecordBatch { parser.consumer.batch }
  /// The names of fields so far, where they are wanted.
  public var names: FieldNames { parser.consumer.names }
}

/// Makes hashes of the values of a JSON text. The members of an object count in any order, the last one of a name; the
/// elements of an array in theirs; numbers by their value.
struct JSONRecordCollector: JSONConsumer {
  static var takesText: Bool { true }

  private struct Container {
    var isObject: Bool
    /// Where its members begin in `members`.
    var start: Int
    /// Name of the current member.
    var name: UInt64 = 0
    var hasDuplicates = false
    /// Hash of the elements of an array so far, and their number.
    var elements: UInt64 = 0
    var count = 0
  }

  private let recordDepth: Int
  private let demand: RecordDemand
  private let keyName: UInt64?
  private(set) var names = FieldNames()
  var batch = RecordBatch()
  private var containers: [Container] = []
  private var members: [RecordBatch.Field] = []
  private var first: UInt8 = 0
  private var value = RecordHash()
  private var number: [UInt8] = []
  private var name: [UInt8] = []
  private var key = RecordKeyText()
  private var isInName = false
  private var isKey = false

  init(recordDepth: Int, _ demand: RecordDemand) {
    self.recordDepth = recordDepth
    self.demand = demand
    keyName = demand.key.map { FieldNameHash($0.utf8).value }
  }

  /// Digits of a number beyond which the rest makes no difference.
  private static let longestNumber = 1024

  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> RecordProblem? {
    self.first = first
    if depth == recordDepth { key.removeAll() }
    isKey = keyName != nil && depth == recordDepth + 1 && nameOfValue == keyName
    if isKey { key.removeAll() }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      containers.append(Container(isObject: first == UInt8(ascii: "{"), start: members.count))
      isKey = false
    } else {
      value = RecordHash()
      value.take(first)
      number.removeAll(keepingCapacity: true)
      if first != UInt8(ascii: "\"") { number.append(first) }
    }
    return nil
  }

  /// The name of the field whose value begins: a record that is an array has its indexes for names.
  private var nameOfValue: UInt64? {
    guard let container = containers.last else { return nil }
    return container.isObject ? container.name : Self.name(of: container.count)
  }

  private static func name(of index: Int) -> UInt64 { FieldNameHash(String(index).utf8).value }

  mutating func beginKey(at offset: Int) {
    isInName = true
    name.removeAll(keepingCapacity: true)
  }

  mutating func takeText(_ byte: UInt8) {
    if isInName {
      if demand.names { name.append(byte) }
      return
    }
    if first != UInt8(ascii: "\"") { return takeNumber(byte) }
    if isKey { key.take(byte) }
    if demand.contents { value.take(byte) }
  }

  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {
    if isInName {
      if demand.names, name.count < RecordBatch.longestKey { name += piece[range] }
      return
    }
    if first != UInt8(ascii: "\"") { return range.forEach { takeNumber(piece[$0]) } }
    if isKey { key.take(piece, range) }
    if demand.contents { value.take(piece, range) }
  }

  private mutating func takeNumber(_ byte: UInt8) {
    if demand.contents || isKey, number.count < Self.longestNumber { number.append(byte) }
  }

  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int) {
    isInName = false
    containers[containers.count - 1].name = hash.value
    if !isNew { containers[containers.count - 1].hasDuplicates = true }
    if demand.names, depth == recordDepth + 1 { names.insert(hash.value, name) }
  }

  mutating func endString(at offset: Int, hasEscapes: Bool) {
    if isInName { return }
    end(demand.contents ? value.value : 0)
  }

  mutating func endScalar(at offset: Int) {
    guard demand.contents || isKey else { return end(0) }
    let isWord = first >= UInt8(ascii: "a")
    let text = isWord || number.isEmpty ? number : JSONNumber.canonical(number)
    if isKey, first != UInt8(ascii: "n") { for byte in text { key.take(byte) } }
    end(demand.contents ? RecordHash(text).value : 0)
  }

  mutating func close(at offset: Int) {
    let container = containers.removeLast()
    let isRecord = containers.count == recordDepth
    if container.hasDuplicates { removeDuplicates(from: container.start) }
    if isRecord { return endRecord(container) }
    let sum = members[container.start...].reduce(UInt64(0)) { $0 &+ RecordHash.mix($1.name, $1.value) }
    members.removeLast(members.count - container.start)
    end(RecordHash.mix(container.isObject ? sum &+ 1 : container.elements, container.isObject ? 1 : 2))
  }

  /// A value has ended, inside all containers that are still open.
  private mutating func end(_ hash: UInt64) {
    let depth = containers.count
    isKey = false
    if depth == recordDepth {
      guard depth > 0 || recordDepth == 0 else { return }
      return batch.end(content: hash, from: batch.fields.count, key: RecordKeyText(), keepingFields: false)
    }
    guard depth > recordDepth else { return }
    let inRecord = depth == recordDepth + 1
    if containers[depth - 1].isObject || inRecord {
      let name = nameOfValue ?? 0
      if demand.names, inRecord, !containers[depth - 1].isObject {
        names.insert(name, String(containers[depth - 1].count).utf8)
      }
      if demand.contents { members.append(RecordBatch.Field(name: name, value: hash)) }
    } else if demand.contents {
      containers[depth - 1].elements = RecordHash.mix(containers[depth - 1].elements, hash)
    }
    containers[depth - 1].count += 1
  }

  private mutating func endRecord(_ container: Container) {
    let start = batch.fields.count
    batch.add(members[container.start...])
    members.removeLast(members.count - container.start)
    batch.end(from: start, key: key, keepingFields: demand.contents)
    key.removeAll()
  }

  /// Of members with the same name the last one counts.
  private mutating func removeDuplicates(from start: Int) {
    var seen: Set<UInt64> = []
    let kept = members[start...].reversed().filter { seen.insert($0.name).inserted }
    members.replaceSubrange(start..., with: kept)
  }
}

/// Numbers as texts that are equal if the values are.
enum JSONNumber {
  /// Integers that a double holds exactly are written as such, however they were spelled; integers with more digits stay as they
  /// are written, for they would be rounded.
  static func canonical(_ text: [UInt8]) -> [UInt8] {
    let isInteger = text.allSatisfy { $0 == UInt8(ascii: "-") || isDigit($0) }
    let isNegativeZero = text.count == 2 && text[0] == UInt8(ascii: "-") && text[1] == 0x30
    if isInteger { return isNegativeZero ? [0x30] : text }
    if let fraction = shortFraction(text) { return fraction }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else { return text }
    if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 { return Array(String(whole).utf8) }
    return Array(value.description.utf8)
  }

  /// A fraction of at most 15 digits is the shortest text of its double, but for zeros at its end. Exports have many such numbers, and
  /// converting them to a double and back takes longer than all else that is done to them.
  /// - Returns: nil for a number with an exponent or more digits, and for one below 0.0001, which is written with an exponent.
  private static func shortFraction(_ text: [UInt8]) -> [UInt8]? {
    let isNegative = text[0] == UInt8(ascii: "-")
    let digits = text.dropFirst(isNegative ? 1 : 0)
    guard digits.count <= 16, let point = digits.firstIndex(of: UInt8(ascii: ".")),
      digits[(point + 1)...].allSatisfy(isDigit)
    else { return nil }
    guard let last = digits[(point + 1)...].lastIndex(where: { $0 != 0x30 }) else {
      let isZero = digits[..<point].allSatisfy { $0 == 0x30 }
      return isZero ? [0x30] : Array(text[..<point])
    }
    let isSmall =
      digits[..<point].elementsEqual([0x30]) && digits[(point + 1)...].prefix(4).allSatisfy { $0 == 0x30 }
    return isSmall ? nil : Array(text[...last])
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
