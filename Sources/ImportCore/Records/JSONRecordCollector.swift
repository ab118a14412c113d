/// Makes hashes of the values of a JSON text. The members of an object count in any order, the last one of a name; the
/// elements of an array in theirs; numbers by their value.
struct JSONRecordCollector: JSONConsumer {
  static var takesText: Bool { true }

  private struct Container {
    var isObject: Bool
    /// Index of its first member in `members`.
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
  /// Number of records that began.
  private var begun = 0
  /// False inside a record of which nothing is wanted: only its end is noted.
  private var isWanted = true

  init(recordDepth: Int, _ demand: RecordDemand) {
    self.recordDepth = recordDepth
    self.demand = demand
    keyName = demand.key.map { FieldNameHash($0.utf8).value }
  }

  /// Digits of a number beyond which the rest makes no difference.
  private static let longestNumber = 1024

  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> RecordProblem? {
    self.first = first
    if depth == recordDepth {
      key.removeAll()
      isWanted = demand.wants(begun)
      begun += 1
    }
    isKey = isWanted && keyName != nil && depth == recordDepth + 1 && nameOfValue == keyName
    if isKey { key.removeAll() }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      containers.append(Container(isObject: first == UInt8(ascii: "{"), start: members.count))
      isKey = false
    } else if isWanted {
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
    if isWanted { name.removeAll(keepingCapacity: true) }
  }

  mutating func takeText(_ byte: UInt8) {
    guard isWanted else { return }
    if isInName {
      if demand.names { name.append(byte) }
      return
    }
    if first != UInt8(ascii: "\"") { return takeNumber(byte) }
    if isKey { key.take(byte) }
    if demand.contents { value.take(byte) }
  }

  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {
    guard isWanted else { return }
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
    guard isWanted else { return }
    containers[containers.count - 1].name = hash.value
    if !isNew { containers[containers.count - 1].hasDuplicates = true }
    if demand.names, depth == recordDepth + 1 { names.insert(hash.value, name) }
  }

  mutating func endString(at offset: Int, hasEscapes: Bool) {
    if isInName { return }
    end(demand.contents && isWanted ? value.value : 0)
  }

  mutating func endScalar(at offset: Int) {
    guard isWanted, demand.contents || isKey else { return end(0) }
    let isWord = first >= UInt8(ascii: "a")
    let text = isWord || number.isEmpty ? number : JSONNumber.canonical(number)
    if isKey, first != UInt8(ascii: "n") { for byte in text { key.take(byte) } }
    end(demand.contents ? RecordHash(text).value : 0)
  }

  mutating func close(at offset: Int) {
    let container = containers.removeLast()
    let isRecord = containers.count == recordDepth
    guard isWanted || isRecord else { return }
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
    guard depth > recordDepth, isWanted else { return }
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
