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

  /// Removes the sets that expired, or only reports them. Blocks. A crash leaves no set half there: each is first renamed to
  /// a hidden name, and the next run removes what is left under such a name. Memory does not grow with the archive.
  ///
  /// - Parameter found: Called with each set that was removed, or would be.
  public func run(dryRun: Bool, found: (PrunedSet) throws -> Void) throws {
    for source in configuration.sources where !source.retention.keepsAll {
      if !dryRun { try sweep(source.name) }
      var remaining = source.retention.maxSize == nil ? 0 : try size(of: source.name)
      try walk.visit(of: [source.name]) { place in
        if source.retention.keepsAllSince(place.set.completed, now: now) { return false }
        guard let receipt = try walk.receipt(place) else { return true }
        let item = Retention.Item(archived: receipt.archived, size: receipt.size)
        defer { remaining -= item.size }
        guard source.retention.expires(item, remaining: remaining, now: now) else { return true }
        if !dryRun { try remove(place) }
        try found(PrunedSet(set: place.set, path: place.path, size: item.size))
        return true
      }
    }
  }

  private var walk: ArchiveWalk {
    ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
  }

  private func size(of source: SourceName) throws -> Int64 {
    var size: Int64 = 0
    try walk.visit(of: [source]) { place in
      size += try walk.receipt(place)?.size ?? 0
      return true
    }
    return size
  }

  private func remove(_ place: ArchivedPlace) throws(SystemError) {
    let hidden = Self.hiddenPrefix + place.set.text
    let day = try fileSystem.openDirectory(place.day)
    try day.rename(place.set.text, to: day, as: hidden, for: "prune")
    try day.sync(for: "prune")
    try day.removeTree(hidden, for: "prune")
  }

  /// Removes what an interrupted run left.
  private func sweep(_ source: SourceName) throws {
    try walk.visitDays(of: [source], .oldestFirst) { _, folders in
      for folder in folders {
        let day = try fileSystem.openDirectory(folder)
        var left: [String] = []
        try day.visitEntries { name in
          if let name = name.string, name.hasPrefix(Self.hiddenPrefix) { left.append(name) }
          return true
        }
        for name in left { try day.removeTree(name, for: "prune") }
      }
      return true
    }
  }

  private static let hiddenPrefix = ".pruned-"
}

extension Receipt {
  /// Bytes of all files that it knows; as many as can be counted, whatever a damaged receipt says.
  var size: Int64 {
    ([control] + files + (others ?? [])).reduce(0) { sum, file in
      let next = sum.addingReportingOverflow(file.size)
      return next.overflow ? .max : next.partialValue
    }
  }
}

extension SourceSettings {
  /// What of its archive is kept.
  var retention: Retention { Retention(keep: archiveKeep, maxSize: archiveMaxSize) }
}
