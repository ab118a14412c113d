public import ImportCore
import ImportStorage
public import ImportSystem

/// Finds rejected sets that are as old as `RejectedKeepSec=` lets them become. It changes nothing: they are discarded by
/// `discard`, through the journal.
public struct ExpiredRejections: Sendable {
  private let configuration: Configuration
  private let fileSystem: FileSystem
  private let now: Timestamp

  /// Takes the configuration with the limits; ages are measured at `now`.
  public init(_ configuration: Configuration, fileSystem: FileSystem, now: Timestamp) {
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
  }

  /// Reads the journal, which may be that of a running daemon. Blocks.
  ///
  /// - Returns: The sets, in the order of their ids.
  /// - Throws: ``SpoolReports/Failure`` if the journal cannot be read.
  public func find() throws(SpoolReports.Failure) -> [PrunedSet] {
    let sources = configuration.sources.filter { $0.rejectedKeep != nil }
    if sources.isEmpty { return [] }
    let state = try SpoolReports.state(configuration, fileSystem: fileSystem)
    let expired = state.deliveries.values.filter { delivery in
      sources.contains { $0.hasExpired(delivery, now: now) }
    }
    return expired.map(\.set).sorted().map { set in
      let path = Spool.path(in: configuration.daemon.spoolDirectory, .rejected, of: set)
      return PrunedSet(set: set, path: path, size: size(of: path), part: .rejected)
    }
  }

  /// Bytes of the files below a folder, as far as they can be read.
  private func size(of path: String) -> Int64 {
    var size: Int64 = 0
    guard let folder = try? fileSystem.openDirectory("\(path)/\(Spool.filesName)") else { return 0 }
    try? TreeWalk(folder).visit(refused: { _ in }) { entry throws(SystemError) in
      if entry.status.kind == .regular { size = size.addingSaturated(entry.status.size) }
    }
    return size
  }
}

extension SourceSettings {
  /// True for a rejected set of this source that is as old as it may become.
  func hasExpired(_ delivery: Delivery, now: Timestamp) -> Bool {
    guard let rejectedKeep, delivery.source == name else { return false }
    return delivery.isRejected(for: rejectedKeep, now: now)
  }
}
