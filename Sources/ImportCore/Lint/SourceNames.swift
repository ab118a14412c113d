/// The names that a control file's instructions read from a record (`source`), and which of them some record had.
/// Names inside `within` and `for-each` are looked for inside the field that these lead to. It holds what the control
/// file names and nothing of the data, so its size does not depend on the data's.
public struct SourceNames: Hashable, Sendable {
  /// One name, at one place of the nesting.
  struct Name: Hashable, Sendable {
    var text: String
    /// Where an instruction first reads it, in the control file.
    var offset: Int
    /// Indexes of the names inside it, in ``SourceNames/hashes`` and ``SourceNames/names``.
    var children: [Int] = []
    var isSeen = false
  }

  /// Index of the record itself.
  static let record = 0
  /// Index of what no instruction looks into.
  static let nowhere = -1

  private(set) var names: [Name] = [Name(text: "", offset: 0)]
  private var hashes: [UInt64] = [0]
  /// How many no record has had yet.
  private(set) var unseen = 0

  /// Looks for nothing.
  public init() {}

  /// Collects the names of a control file that keeps the rules. With a `recordProcessor` of a plugin the records
  /// are not what stands in the files: then there are none to look for.
  public init(control: JSONValue) {
    guard control["recordProcessor"] == nil else { return }
    collect(control["instructions"], in: Self.record)
  }

  /// The names that no record had, in the order of the control file: name and place of its first use.
  public var missing: [(name: String, offset: Int)] {
    names.dropFirst().filter { !$0.isSeen }.map { ($0.text, $0.offset) }.sorted { $0.1 < $1.1 }
  }

  /// The names that are read from a record itself: what readers look for whose fields hold text alone.
  public var ofRecords: [String] { names[Self.record].children.map { names[$0].text } }

  /// Notes that a record has the field of ``ofRecords`` with this index.
  public mutating func see(ofRecords index: Int) { markSeen(names[Self.record].children[index]) }

  /// Notes that all names of `other`, made from the same control file, are seen that are seen there.
  public mutating func formUnion(_ other: SourceNames) {
    for index in other.names.indices where other.names[index].isSeen { markSeen(index) }
  }

  /// Notes a field with the hash `hash` inside `node`, and returns what is looked for inside it.
  @inline(__always)
  mutating func see(_ hash: NameHash, in node: Int) -> Int {
    if node < 0 || unseen == 0 { return Self.nowhere }
    for child in names[node].children where hashes[child] == hash.value {
      if !names[child].isSeen { markSeen(child) }
      return child
    }
    return Self.nowhere
  }

  private mutating func markSeen(_ index: Int) {
    guard !names[index].isSeen else { return }
    names[index].isSeen = true
    unseen -= 1
  }

  private mutating func collect(_ list: JSONValue?, in node: Int, wrapped: Bool = false) {
    for instruction in list?.elements ?? [] {
      let inside =
        instruction["source"]?.string == nil ? node : add(instruction["source"]!, in: node, wrapped)
      let action = instruction["action"]?.string
      let goesInside = action == "within" || action == "for-each"
      let wraps = action == "for-each" && instruction["wrapValues"]?.isTruthy == true
      collect(
        instruction["instructions"], in: goesInside ? inside : node, wrapped: goesInside ? wraps : wrapped)
      for name in ["then", "else", "otherwise"] { collect(instruction[name], in: node, wrapped: wrapped) }
    }
  }

  /// The index of a name inside `node`. The field `value` of a wrapped element is the element itself.
  private mutating func add(_ source: JSONValue, in node: Int, _ wrapped: Bool) -> Int {
    guard let text = source.string, node >= 0 else { return Self.nowhere }
    if wrapped { return text == "value" ? node : Self.nowhere }
    let hash = NameHash(text.utf8)
    if let known = names[node].children.first(where: { hashes[$0] == hash.value }) { return known }
    names[node].children.append(names.count)
    names.append(Name(text: text, offset: source.offset))
    hashes.append(hash.value)
    unseen += 1
    return names.count - 1
  }
}

extension JSONValue {
  /// True for what JavaScript takes for true, as the server does with options.
  var isTruthy: Bool {
    switch content {
    case .null: false
    case .boolean(let value): value
    case .number(let text): Double(text) != 0
    case .string(let text): !text.isEmpty
    case .array, .object: true
    }
  }
}
