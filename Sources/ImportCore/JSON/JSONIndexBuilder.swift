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
