public import ImportCore
public import ImportSystem

/// A set that retention removes, or would remove.
public struct PrunedSet: Sendable, Hashable, Codable {
  public var set: SetID
  public var path: String
  /// Bytes of its files.
  public var size: Int64
}

/// Removes from the archive what its retention no longer keeps, oldest first. Only sets with a receipt are touched:
/// whatever is not known to be finished stays.
public struct Pruning: Sendable {
  private let configuration: Configuration
  private let fileSystem: FileSystem
  private let now: Timestamp

  /// Takes the configuration with the limits; ages are measured at `now`.
  public init(_ configuration: Configuration, fileSystem: FileSystem, now: Timestamp) {
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
  }

  /// Removes what is to go, or only says what would. Blocks. A crash leaves no set half there: each is first renamed to
  /// a hidden name, and what is left under such a name is removed at the next time.
  public func run(dryRun: Bool) throws(SystemError) -> [PrunedSet] {
    var pruned: [PrunedSet] = []
    for source in configuration.sources where !source.retention.keepsAll {
      if !dryRun { try sweep(source.name) }
      let sets = try ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem).sets(
        of: source.name)
      for set in expired(sets, source.retention) {
        pruned.append(PrunedSet(set: set.set, path: set.place.path, size: set.size))
        if !dryRun { try remove(set) }
      }
    }
    return pruned
  }

  private func expired(_ sets: [ArchivedSet], _ retention: Retention) -> [ArchivedSet] {
    let items = sets.compactMap { set in
      set.receipt.map { Retention.Item(set: set.set, archived: $0.archived, size: set.size) }
    }
    let gone = Set(retention.expired(of: items, now: now))
    return sets.filter { gone.contains($0.set) }
  }

  private func remove(_ set: ArchivedSet) throws(SystemError) {
    let hidden = Self.hiddenPrefix + set.set.text
    let day = try fileSystem.openDirectory(set.place.day)
    try day.rename(set.set.text, to: day, as: hidden, for: "prune")
    try day.sync(for: "prune")
    try day.removeTree(hidden, for: "prune")
  }

  /// Removes what an interrupted pruning left, and folders of days that have nothing any more.
  private func sweep(_ source: SourceName) throws(SystemError) {
    let walk = ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
    for path in try walk.days(of: source) {
      let day = try fileSystem.openDirectory(path)
      for name in try day.directories() where name.hasPrefix(Self.hiddenPrefix) {
        try day.removeTree(name, for: "prune")
      }
    }
  }

  private static let hiddenPrefix = ".pruned-"
}

extension ArchivedSet {
  /// Bytes of all files that its receipt knows.
  var size: Int64 {
    guard let receipt else { return 0 }
    return ([receipt.control] + receipt.files + (receipt.others ?? [])).reduce(0) { $0 + $1.size }
  }
}

extension SourceSettings {
  /// What of its archive is kept.
  var retention: Retention { Retention(keep: archiveKeep, maxSize: archiveMaxSize) }
}
