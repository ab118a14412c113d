/// Builds the index of a text's values: an object's members as key and value in turn, an array's elements.
struct JSONIndexBuilder: JSONConsumer {
  typealias Problem = String

  private(set) var nodes: [JSONNode] = []
  private var open: [Int] = []

  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> String? {
    let kind: JSONNode.Kind =
      switch first {
      case UInt8(ascii: "{"): .object
      case UInt8(ascii: "["): .array
      case UInt8(ascii: "\""): .plain
      case UInt8(ascii: "t"): .yes
      case UInt8(ascii: "f"): .no
      case UInt8(ascii: "n"): .null
      default: .number
      }
    if kind == .object || kind == .array { open.append(nodes.count) }
    nodes.append(JSONNode(kind: kind, start: UInt32(clamping: kind == .plain ? offset + 1 : offset)))
    return nil
  }

  mutating func beginKey(at offset: Int) {
    nodes.append(JSONNode(kind: .plain, start: UInt32(clamping: offset + 1)))
  }

  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int) {}

  mutating func endString(at offset: Int, hasEscapes: Bool) {
    if hasEscapes { nodes[nodes.count - 1].kind = .escaped }
    end(nodes.count - 1, offset)
  }

  mutating func endScalar(at offset: Int) { end(nodes.count - 1, offset) }

  mutating func close(at offset: Int) { end(open.removeLast(), offset) }

  private mutating func end(_ index: Int, _ offset: Int) {
    nodes[index].end = UInt32(clamping: offset)
    nodes[index].next = UInt32(clamping: nodes.count)
  }
}

/// Remembers the keys of the objects that are open, to notice duplicates. Its memory is bounded: 48 keys of each open
/// object, and 65,536 of all larger ones together. A duplicate among the keys beyond that is not noticed.
struct DuplicateKeyDetector: Sendable {
  private static let limit = 65_536
  /// From this number on a set is faster than a search through all.
  private static let few = 48

  private var hashes: [FieldNameHash] = []
  private var starts: [Int] = []
  private var large: [Int: Set<FieldNameHash>] = [:]
  private var largeCount = 0

  /// Begins an object.
  mutating func open() { starts.append(hashes.count) }

  /// Ends the innermost object.
  mutating func close() {
    if !large.isEmpty, let set = large.removeValue(forKey: starts.count) { largeCount -= set.count }
    hashes.removeLast(hashes.count - starts.removeLast())
  }

  /// Adds a key to the innermost object. Returns false for a duplicate.
  mutating func add(_ hash: FieldNameHash) -> Bool {
    let start = starts[starts.count - 1]
    for index in start..<hashes.count where hashes[index] == hash { return false }
    if hashes.count - start < Self.few {
      hashes.append(hash)
      return true
    }
    let level = starts.count
    guard largeCount < Self.limit else { return large[level]?.contains(hash) != true }
    let isNew = large[level, default: []].insert(hash).inserted
    if isNew { largeCount += 1 }
    return isNew
  }
}
