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
