/// Remembers the keys of the objects that are open, to notice one that stands twice.
struct KeyMemory: Sendable {
  /// Keys of one object beyond this number are not remembered.
  private static let most = 65_536
  /// From this number on a set is faster than looking at all.
  private static let few = 48

  private var hashes: [NameHash] = []
  private var starts: [Int] = []
  private var large: [Int: Set<NameHash>] = [:]

  /// Begins an object.
  mutating func open() { starts.append(hashes.count) }

  /// Ends the innermost object.
  mutating func close() {
    if !large.isEmpty { large[starts.count] = nil }
    hashes.removeLast(hashes.count - starts.removeLast())
  }

  /// Adds a key to the innermost object. False: it has it already.
  mutating func add(_ hash: NameHash) -> Bool {
    let start = starts[starts.count - 1]
    let count = hashes.count - start
    if count < Self.few {
      for index in start..<hashes.count where hashes[index] == hash { return false }
      hashes.append(hash)
      return true
    }
    var known = large[starts.count] ?? Set(hashes[start...])
    large[starts.count] = nil
    let isNew = known.count >= Self.most ? !known.contains(hash) : known.insert(hash).inserted
    large[starts.count] = known
    return isNew
  }
}
