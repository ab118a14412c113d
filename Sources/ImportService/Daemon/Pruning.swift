public import ImportCore
import ImportStorage
public import ImportSystem

/// A set that retention removes, or would remove, or of which it deletes the files only.
public struct PrunedSet: Sendable, Hashable, Codable {
  /// The part of a set that retention removes.
  public enum Part: String, Sendable, Codable {
    /// An archived set with its receipt.
    case set
    /// The files of an archived set; its receipt is kept.
    case files
    /// A rejected set, which is discarded.
    case rejected
  }

  public var set: SetID
  public var path: String
  /// Bytes of its files.
  public var size: Int64
  public var part: Part
}

/// A result that was left for an exporter (`ResultFiles=`), which retention removes or would remove.
public struct PrunedResult: Sendable, Hashable {
  public var path: String
  /// In bytes.
  public var size: Int64
}

/// Something that retention could not remove. It is tried again at the next time.
public struct PruningObstacle: Sendable {
  public var path: String
  public var reason: SystemError
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

  /// Removes the archived sets and the results that expired, or only reports them. (Rejected sets are discarded through the
  /// journal: ``ExpiredRejections``.) Blocks. A crash leaves no set half there: each is first renamed to
  /// a hidden name, and the next run removes what is left under such a name. Memory does not grow with the archive.
  ///
  /// - Parameters:
  ///   - obstacle: Called with each folder or file that could not be removed. It keeps nothing else from being removed.
  ///   - found: Called with each set that was removed, or would be, or whose files were.
  ///   - result: Called with each result that was removed, or would be.
  public func run(
    dryRun: Bool, obstacle: (PruningObstacle) -> Void = { _ in }, found: (PrunedSet) throws -> Void,
    result: (PrunedResult) throws -> Void = { _ in }
  ) throws {
    for source in configuration.sources where !source.retention.keepsAll {
      if !dryRun { try sweep(source.name, obstacle) }
      var remaining = source.retention.maxSize == nil ? 0 : try size(of: source.name)
      try walk.visit(of: [source.name]) { place in
        if source.retention.keepsAllSince(place.set.completed, now: now) { return false }
        guard let receipt = try? walk.receipt(place) else { return true }
        let item = Retention.Item(archived: receipt.archived, size: receipt.keptSize)
        defer { remaining = remaining.subtractingSaturated(item.size) }
        let expires = source.retention.expires(item, remaining: remaining, now: now)
        guard expires || source.retention.expiresFiles(of: item, now: now) else { return true }
        do throws(SystemError) {
          if !dryRun { try expires ? remove(place) : removeFiles(of: place, receipt) }
        } catch {
          obstacle(PruningObstacle(path: place.path, reason: error))
          return true
        }
        if expires || receipt.filesRemoved == nil {
          try found(
            PrunedSet(set: place.set, path: place.path, size: item.size, part: expires ? .set : .files))
        }
        return true
      }
    }
    for source in configuration.sources {
      try removeResults(of: source, dryRun: dryRun, obstacle, result)
    }
  }

  private var walk: ArchiveWalk {
    ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
  }

  private func size(of source: SourceName) throws -> Int64 {
    var size: Int64 = 0
    try walk.visit(of: [source]) { place in
      size = size.addingSaturated((try? walk.receipt(place))?.keptSize ?? 0)
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

  /// The receipt says first that the files are gone, so that `verify` never misses any. What a crash has left after that
  /// goes at the next time.
  private func removeFiles(of place: ArchivedPlace, _ receipt: Receipt) throws(SystemError) {
    guard let folder = try walk.open(place) else { return }
    if receipt.filesRemoved == nil {
      var receipt = receipt
      receipt.filesRemoved = now
      let bytes = StoredJSON.bytes(of: receipt)
      try folder.store(bytes, as: "receipt.json", mode: 0o640, replacing: true, for: "prune")
    }
    let hasFiles = try folder.status(Spool.filesName) != nil
    let hasControl = try folder.status(Spool.fixedControlName) != nil
    guard hasFiles || hasControl else { return }
    if hasFiles { try folder.removeTree(Spool.filesName, for: "prune") }
    try folder.removeIfThere(Spool.fixedControlName, for: "prune")
    try folder.sync(for: "prune")
  }

  /// Removes results that were left for exporters (`ResultFiles=`) and are as old as rejected sets may be.
  private func removeResults(
    of source: SourceSettings, dryRun: Bool, _ obstacle: (PruningObstacle) -> Void,
    _ result: (PrunedResult) throws -> Void
  ) throws {
    guard let keep = source.rejectedKeep, source.resultFiles,
      let folder = try? fileSystem.openDirectory("\(source.directory)/\(ResultFile.folder)"),
      let names = try? folder.entries()
    else { return }
    for name in names.compactMap(\.string) {
      guard let status = try? folder.status(name), status.kind == .regular else { continue }
      let modified = Timestamp(microseconds: status.modificationTime / 1000)
      guard modified < now, now.since(modified) >= keep else { continue }
      do throws(SystemError) {
        if !dryRun { try folder.unlink(name, for: "prune") }
      } catch {
        obstacle(PruningObstacle(path: folder.path(of: name), reason: error))
        continue
      }
      try result(PrunedResult(path: folder.path(of: name), size: status.size))
    }
  }

  /// Removes what an interrupted run left.
  private func sweep(_ source: SourceName, _ obstacle: (PruningObstacle) -> Void) throws {
    try walk.visitDays(of: [source], .oldestFirst) { _, folders in
      for folder in folders {
        let day = try fileSystem.openDirectory(folder)
        var left: [String] = []
        try day.visitEntries { name in
          if let name = name.string, name.hasPrefix(Self.hiddenPrefix) { left.append(name) }
          return true
        }
        for name in left {
          do throws(SystemError) {
            try day.removeTree(name, for: "prune")
          } catch {
            obstacle(PruningObstacle(path: day.path(of: name), reason: error))
          }
        }
      }
      return true
    }
  }

  private static let hiddenPrefix = ".pruned-"
}

extension Receipt {
  /// Bytes of the files that are still kept.
  fileprivate var keptSize: Int64 { filesRemoved == nil ? size : 0 }

  /// Bytes of all files that it knows; as many as can be counted, whatever a damaged receipt says.
  var size: Int64 { ([control] + files + (others ?? [])).reduce(0) { $0.addingSaturated($1.size) } }
}

extension SourceSettings {
  /// What of its archive is kept.
  var retention: Retention {
    Retention(keep: archiveKeep, maxSize: archiveMaxSize, keepFiles: archiveFilesKeep)
  }
}
