import FoundationEssentials
public import ImportCore
public import ImportSystem

/// What can be told of sets from the disk alone: the journal, and the receipts in the archive. The daemon uses it as
/// well as the commands that run while it is down. Changes nothing, takes no lock, and blocks.
public struct SpoolReports: Sendable {
  /// Why nothing can be told.
  public enum Failure: Error, CustomStringConvertible {
    case journal(path: String, JournalDamage)
    case system(SystemError)

    public var description: String {
      switch self {
      case .journal(let path, let damage): "journal \(path), \(damage)"
      case .system(let error): error.description
      }
    }
  }

  private let configuration: Configuration
  private let fileSystem: FileSystem
  private let now: Timestamp

  /// Takes the configuration that says where things are; times are told as they look at `now`.
  public init(_ configuration: Configuration, fileSystem: FileSystem, now: Timestamp) {
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
  }

  /// What the journal says; the empty state if there is none yet.
  public func state() throws(Failure) -> JournalState { try read().state }

  /// All sets, oldest first; with `state` or `source` only those.
  public func list(state: SetState? = nil, source: SourceName? = nil) throws(Failure) -> [SetReport] {
    var reports: [SetReport] = []
    if state != .archived { reports += try live() }
    let isInArchive = state == nil || state == .archived || state == .skipped
    let filed = isInArchive ? try archived(source: source) : []
    // A set that was archived while this was read is there twice: the archive is right.
    let known = Set(filed.map(\.set))
    reports = reports.filter { !known.contains($0.set) } + filed
    return reports.filter { report in
      (state == nil || report.state == state) && (source == nil || report.source == source)
    }.sorted { $0.completed != $1.completed ? $0.completed < $1.completed : $0.set < $1.set }
  }

  /// All sets whose id begins with `prefix`.
  public func find(_ prefix: String) throws(Failure) -> [SetReport] {
    if let set = SetID(prefix), let receipt = try receipt(of: set) {
      return [SetReport(receipt, spool: configuration.daemon.spoolDirectory)]
    }
    return try list().filter { $0.set.text.hasPrefix(prefix) }
  }

  /// What happened to a set, oldest first, as far as the journal still has it.
  public func history(of set: SetID) throws(Failure) -> [JournalRecord] {
    try read().records.filter { record in
      if case .event(_, let own) = record.entry { own == set } else { false }
    }
  }

  private func live() throws(Failure) -> [SetReport] {
    try state().deliveries.values.map { delivery in
      SetReport(
        delivery, mode: configuration.source(delivery.source)?.mode.rawValue,
        spool: configuration.daemon.spoolDirectory, now: now)
    }
  }

  // MARK: The journal

  private func read() throws(Failure) -> (state: JournalState, records: [JournalRecord]) {
    let path = "\(configuration.daemon.stateDirectory)/\(JournalFile.name)"
    let bytes: [UInt8]
    do {
      bytes = try fileSystem.openDirectory(configuration.daemon.stateDirectory).readFile(
        JournalFile.name, atMost: .max - 1)
    } catch  where error.isMissing {
      return (JournalState(), [])
    } catch {
      throw .system(error)
    }
    do {
      let reading = try JournalReading(bytes)
      return (reading.state, reading.allRecords)
    } catch {
      throw .journal(path: path, error)
    }
  }

  // MARK: The archive

  private func archived(source: SourceName?) throws(Failure) -> [SetReport] {
    do {
      let walk = ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
      return try walk.sets(of: source).compactMap(\.receipt).map { receipt in
        SetReport(receipt, spool: configuration.daemon.spoolDirectory)
      }
    } catch {
      throw .system(error)
    }
  }

  private func receipt(of set: SetID) throws(Failure) -> Receipt? {
    do {
      return ArchivedSet.receipt(
        in: try fileSystem.openDirectory(
          Spool.path(in: configuration.daemon.spoolDirectory, .archive, of: set)))
    } catch  where error.isMissing {
      return nil
    } catch {
      throw .system(error)
    }
  }
}
