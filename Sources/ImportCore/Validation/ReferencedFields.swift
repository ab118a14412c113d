/// The fields that a control file's instructions read from a record (`source`), and which of them some record had. Fields
/// inside `within` and `for-each` are looked up inside the field that these lead to. Its size depends on the control
/// file, never on the data.
public struct ReferencedFields: Hashable, Sendable {
  /// One field, at one level of the nesting.
  struct Field: Hashable, Sendable {
    var name: String
    var hash = FieldNameHash()
    /// The first instruction that reads it, in the control file.
    var place = TextPlace()
    /// Indexes of the fields inside it.
    var children: [Int] = []
    var isSeen = false
  }

  private struct Key: Hashable {
    var node: Int
    var hash: FieldNameHash
  }

  /// Index of the record itself.
  static let record = 0
  /// Index for everything that no instruction reads.
  static let nowhere = -1
  /// Children from which on a dictionary is faster than a search.
  private static let few = 12

  private var fields: [Field] = [Field(name: "")]
  private var indexes: [Key: Int] = [:]
  /// Fields that no record has had yet.
  private(set) var unseen = 0
  /// False where nobody can tell which fields are read: there is no control file, or a `recordProcessor` of a plugin
  /// makes other records of those in the files.
  public private(set) var areKnown = false

  public init() {}

  /// Collects the fields of a valid control file.
  init(control: JSONValue, places: TextPlaces) {
    guard control["recordProcessor"] == nil else { return }
    areKnown = true
    collect(control["instructions"], in: Self.record, places)
  }

  /// Warnings about the fields that no record had, in the order of the control file.
  public var warnings: ValidationFindings {
    var findings = ValidationFindings()
    let missing = fields.dropFirst().filter { !$0.isSeen }
    for field in missing.sorted(by: { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }) {
      findings.add(ValidationFinding(.warning, field.place, "no record has the field '\(field.name)'"))
    }
    return findings
  }

  /// The names of a record's own fields, for readers whose fields hold text alone.
  public var ofRecords: [String] { fields[Self.record].children.map { fields[$0].name } }

  /// Marks the field of ``ofRecords`` with this index as seen.
  public mutating func see(ofRecords index: Int) { markSeen(fields[Self.record].children[index]) }

  /// Marks all fields as seen that are seen in `other`, which was made from the same control file.
  public mutating func formUnion(_ other: ReferencedFields) {
    for index in other.fields.indices where other.fields[index].isSeen { markSeen(index) }
  }

  /// Marks the field with the hash `hash` inside `node` as seen. Returns its own node.
  @inline(__always)
  mutating func see(_ hash: FieldNameHash, in node: Int) -> Int {
    if node < 0 || unseen == 0 { return Self.nowhere }
    guard let child = child(of: node, hash) else { return Self.nowhere }
    if !fields[child].isSeen { markSeen(child) }
    return child
  }

  private func child(of node: Int, _ hash: FieldNameHash) -> Int? {
    if fields[node].children.count > Self.few { return indexes[Key(node: node, hash: hash)] }
    return fields[node].children.first { fields[$0].hash == hash }
  }

  private mutating func markSeen(_ index: Int) {
    guard !fields[index].isSeen else { return }
    fields[index].isSeen = true
    unseen -= 1
  }

  private mutating func collect(
    _ list: JSONValue?, in node: Int, wrapped: Bool = false, _ places: TextPlaces
  ) {
    for instruction in list?.elements ?? [] {
      let source = instruction["source"]
      let inside = source?.string == nil ? node : add(source!, in: node, wrapped, places)
      let action = instruction["action"]?.scriptText
      let goesInside = action == "within" || action == "for-each"
      let wraps = action == "for-each" && instruction["wrapValues"]?.isTruthy == true
      collect(
        instruction["instructions"], in: goesInside ? inside : node, wrapped: goesInside ? wraps : wrapped,
        places)
      for name in ["then", "else", "otherwise"] {
        collect(instruction[name], in: node, wrapped: wrapped, places)
      }
    }
  }

  /// The index of a field inside `node`. The field `value` of a wrapped element is the element itself.
  private mutating func add(_ source: JSONValue, in node: Int, _ wrapped: Bool, _ places: TextPlaces) -> Int {
    guard let name = source.string, node >= 0 else { return Self.nowhere }
    if wrapped { return name == "value" ? node : Self.nowhere }
    let hash = FieldNameHash(name.utf8)
    if let known = child(of: node, hash) { return known }
    fields[node].children.append(fields.count)
    indexes[Key(node: node, hash: hash)] = fields.count
    fields.append(Field(name: name, hash: hash, place: places.place(of: source.offset)))
    unseen += 1
    return fields.count - 1
  }
}
