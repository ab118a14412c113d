extension Inode {
  func write(_ bytes: [UInt8], at offset: Int) {
    writes.append(.init(offset: offset, bytes: bytes))
    data.put(bytes, at: offset)
  }

  func truncate(to length: Int) {
    writes.append(.init(offset: 0, bytes: [], length: length))
    data.resize(to: length)
  }
}

extension [UInt8] {
  mutating func put(_ bytes: [UInt8], at offset: Int) {
    if count < offset + bytes.count { resize(to: offset + bytes.count) }
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }

  mutating func resize(to length: Int) {
    if count > length {
      removeLast(count - length)
    } else {
      append(contentsOf: repeatElement(0, count: length - count))
    }
  }
}

extension Machine {
  /// Cuts the power: each file keeps its synced content and any part of its unsynced writes, some as zeros; each directory keeps
  /// its synced entries and, name by name, a beginning of its unsynced changes. A file that was moved stands in its old place, in
  /// its new one, or in both; a directory in one of them.
  func cutPower(_ random: inout Random) {
    var directories: [Inode] = []
    collect(root, &directories)
    var kept: [[Name: Int]] = directories.map { directory in
      var counts: [Name: Int] = [:]
      for change in directory.pending { counts[change.name, default: 0] += 1 }
      let mode = random.below(3)
      return counts.keys.sorted().reduce(into: [:]) { result, name in
        // Nothing, everything, or any beginning.
        result[name] = mode == 0 ? 0 : mode == 1 ? counts[name]! : random.below(counts[name]! + 1)
      }
    }
    settleMoves(directories, &kept)
    for (index, directory) in directories.enumerated() {
      directory.entries = directory.stableEntries
      for change in directory.keptChanges(kept[index]) { directory.entries[change.name] = change.inode }
    }
    takeBackChangeTimes(directories, kept)
    var seen: [ObjectIdentifier: (Inode, Name)] = [:]
    rebuild(root, &seen, &random)
    settle(root)
    if random.chance(30) { renumberDevices(root) }
  }

  /// Gives out device numbers in another order, as some file systems do when they are mounted again.
  func renumberDevices(_ directory: Inode) {
    directory.device += 16
    for inode in directory.entries.values {
      // A file can have two names.
      if inode.isDirectory { renumberDevices(inode) } else { inode.device = directory.device }
    }
  }

  private func collect(_ inode: Inode, _ directories: inout [Inode]) {
    guard inode.isDirectory, !directories.contains(where: { $0 === inode }) else { return }
    directories.append(inode)
    for change in inode.pending { if let entry = change.inode { collect(entry, &directories) } }
    for name in inode.stableEntries.keys.sorted() { collect(inode.stableEntries[name]!, &directories) }
    for name in inode.entries.keys.sorted() { collect(inode.entries[name]!, &directories) }
  }

  /// A rename and the change time that it gives are one transaction: the time of one that is lost is lost as well.
  private func takeBackChangeTimes(_ directories: [Inode], _ kept: [[Name: Int]]) {
    var reached: Set<ObjectIdentifier> = []
    var waiting = [root]
    while let directory = waiting.popLast() {
      guard reached.insert(ObjectIdentifier(directory)).inserted else { continue }
      waiting += directory.entries.values.filter(\.isDirectory)
    }
    for (index, directory) in directories.enumerated() {
      var counts: [Name: Int] = [:]
      for change in directory.pending {
        counts[change.name, default: 0] += 1
        guard counts[change.name]! > kept[index][change.name]!, change.inode == nil, let move = change.move,
          !reached.contains(ObjectIdentifier(move.target)) || move.target.entries[move.name] !== move.inode
        else { continue }
        move.inode.changed = min(move.inode.changed, move.changed)
      }
    }
  }

  /// Takes back removals of files whose new entry is lost, or is in a directory that is.
  private func settleMoves(_ directories: [Inode], _ kept: inout [[Name: Int]]) {
    let numbers = Dictionary(
      uniqueKeysWithValues: directories.enumerated().map { (ObjectIdentifier($1), $0) })
    var isSettled = false
    while !isSettled {
      isSettled = true
      var reached: Set<ObjectIdentifier> = []
      var placed: Set<ObjectIdentifier> = []
      var waiting = [root]
      while let directory = waiting.popLast() {
        guard reached.insert(ObjectIdentifier(directory)).inserted else { continue }
        var entries = directory.stableEntries
        for change in directory.keptChanges(kept[numbers[ObjectIdentifier(directory)]!]) {
          entries[change.name] = change.inode
          if change.inode != nil, let move = change.move { placed.insert(ObjectIdentifier(move)) }
        }
        waiting += entries.values.filter(\.isDirectory)
      }
      for (index, directory) in directories.enumerated() {
        var counts: [Name: Int] = [:]
        for change in directory.keptChanges(kept[index]) {
          let count = counts[change.name, default: 0]
          if change.inode == nil, let move = change.move,
            !(move.isPlaced && reached.contains(ObjectIdentifier(move.target))),
            !placed.contains(ObjectIdentifier(move)),
            count < kept[index][change.name]!
          {
            kept[index][change.name] = count
            isSettled = false
          }
          counts[change.name] = count + 1
        }
      }
    }
  }

  private func rebuild(
    _ directory: Inode, _ seen: inout [ObjectIdentifier: (Inode, Name)], _ random: inout Random
  ) {
    for name in directory.entries.keys.sorted() {
      let inode = directory.entries[name]!
      if let (other, otherName) = seen[ObjectIdentifier(inode)] {
        if inode.isDirectory {
          // It is in one place: the newer one, which it thinks of as its own.
          let isHere = inode.parent === directory && inode.name == name
          if isHere { other.entries[otherName] = nil } else { directory.entries[name] = nil }
          if isHere { seen[ObjectIdentifier(inode)] = (directory, name) }
        } else {
          inode.links += 1
        }
        continue
      }
      seen[ObjectIdentifier(inode)] = (directory, name)
      inode.links = 1
      if inode.isDirectory { rebuild(inode, &seen, &random) } else { inode.loseWrites(&random) }
    }
    directory.pending = []
    directory.watches = []
  }

  /// Tells each file where it is now; what stands in a directory is durable.
  private func settle(_ directory: Inode) {
    for (name, inode) in directory.entries {
      inode.parent = directory
      inode.name = name
      if inode.isDirectory { settle(inode) }
    }
    directory.stableEntries = directory.entries
  }

  /// The absolute path of a file, as far as it has one.
  func path(of inode: Inode) -> String {
    var parts: [String] = []
    var place = inode
    while place !== root, let parent = place.parent, parts.count < 64 {
      parts.append(place.name.text)
      place = parent
    }
    return "/" + parts.reversed().joined(separator: "/")
  }
}

extension Inode {
  fileprivate func keptChanges(_ kept: [Name: Int]) -> [EntryChange] {
    var counts: [Name: Int] = [:]
    return pending.filter { change in
      counts[change.name, default: 0] += 1
      return counts[change.name]! <= kept[change.name] ?? 0
    }
  }

  fileprivate func loseWrites(_ random: inout Random) {
    guard !writes.isEmpty else { return }
    let mode = random.below(4)
    if mode != 1 {
      data = stable
      if mode > 1 {
        let count = random.below(writes.count + 1)
        for (index, write) in writes.prefix(count).enumerated() {
          if let length = write.length {
            data.resize(to: length)
          } else if mode == 3, random.chance(30) {
            data.put([UInt8](repeating: 0, count: write.bytes.count), at: write.offset)
          } else if index == count - 1, random.chance(50), !write.bytes.isEmpty {
            data.put(Array(write.bytes.prefix(random.below(write.bytes.count))), at: write.offset)
          } else {
            data.put(write.bytes, at: write.offset)
          }
        }
      }
    }
    stable = data
    writes = []
  }
}
