public import ImportCore
import ImportStorage
public import ImportSystem

/// Something that is not as it was when it was stored.
public struct Damage: Sendable, Hashable, Codable {
  /// Where: a set's folder, a file in it, or the journal.
  public var path: String
  /// What is wrong.
  public var text: String
  /// The set, if it is about one.
  public var set: SetID?
}

/// Verifies everything that is stored: the journal's lines against their checksums, every file of the archive against its
/// receipt, and that each set of the journal has its folder. Changes nothing, and works beside a running daemon.
public struct Verification: Sendable {
  /// What was verified.
  public struct Summary: Sendable, Hashable, Codable {
    public var sets = 0
    public var files = 0
    public var bytes: Int64 = 0
    /// Records of the journal.
    public var records = 0
    public var damaged = 0
  }

  private let configuration: Configuration
  private let fileSystem: FileSystem

  /// Takes the configuration that says where things are.
  public init(_ configuration: Configuration, fileSystem: FileSystem) {
    self.configuration = configuration
    self.fileSystem = fileSystem
  }

  /// Reads everything, and reports each damage as it is found. Blocks for as long as that takes.
  public func run(found: (Damage) throws -> Void) throws -> Summary {
    var summary = Summary()
    let journal = try journal(&summary, found)
    summary.records = journal?.allRecords.count ?? 0
    let walk = ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
    try walk.visit { place in
      guard let damages = try damages(of: place, walk, &summary) else { return true }
      summary.sets += 1
      summary.damaged += damages.count
      for damage in damages { try found(damage) }
      return true
    }
    for damage in try missingFolders(journal?.state) {
      summary.damaged += 1
      try found(damage)
    }
    return summary
  }

  private func journal(_ summary: inout Summary, _ found: (Damage) throws -> Void) throws -> JournalReading? {
    do {
      return try JournalCopy(configuration.daemon.stateDirectory, fileSystem: fileSystem, keepsRecords: true)
        .reading
    } catch SpoolReports.Failure.journal(let path, let damage) {
      summary.damaged += 1
      try found(Damage(path: path, text: damage.description))
      return nil
    }
  }

  /// The sets of the journal whose folder is not where it should be. A set that moves while this looks is found to have moved
  /// when the journal is read again.
  private func missingFolders(_ state: JournalState?) throws -> [Damage] {
    guard let state else { return [] }
    var missing = missing(in: state)
    guard !missing.isEmpty else { return [] }
    let later = try JournalCopy(configuration.daemon.stateDirectory, fileSystem: fileSystem).reading?.state
    missing = self.missing(in: later ?? JournalState()).filter { missing[$0.key] == $0.value }
    return missing.sorted { $0.key < $1.key }.map { set, path in
      Damage(path: path, text: "the set's folder is gone", set: set)
    }
  }

  private func missing(in state: JournalState) -> [SetID: String] {
    var missing: [SetID: String] = [:]
    for delivery in state.deliveries.values where delivery.stage != .claiming {
      let set = SetReport(
        delivery, mode: nil, spool: configuration.daemon.spoolDirectory, now: Timestamp(microseconds: 0))
      do { _ = try fileSystem.openDirectory(set.path) } catch  where error.isMissing {
        if !isInAnyArea(set.set) { missing[set.set] = set.path }
      } catch {
        continue  // a folder that cannot be opened is there
      }
    }
    return missing
  }

  /// A folder is moved before the journal says so: beside a running daemon it can be where its next record will have it.
  private func isInAnyArea(_ set: SetID) -> Bool {
    SpoolArea.allCases.contains { area in
      let path = Spool.path(in: configuration.daemon.spoolDirectory, area, of: set)
      do throws(SystemError) { _ = try fileSystem.openDirectory(path) } catch { return !error.isMissing }
      return true
    }
  }

  /// What is damaged of a set; nil if retention has removed the set since the visit began, which is no damage.
  private func damages(of place: ArchivedPlace, _ walk: ArchiveWalk, _ summary: inout Summary) throws
    -> [Damage]?
  {
    guard let folder = try walk.open(place) else { return nil }
    let before = summary
    do {
      let damages = try damages(of: place, in: folder, &summary)
      if damages.isEmpty { return damages }
      if try walk.open(place) != nil { return damages }
    } catch {
      guard error.isMissing else { throw error }
      if try walk.open(place) != nil {
        return [Damage(path: place.path, text: "cannot be read: \(error)", set: place.set)]
      }
    }
    summary = before
    return nil
  }

  private func damages(
    of place: ArchivedPlace, in folder: Directory, _ summary: inout Summary
  ) throws(SystemError) -> [Damage] {
    guard let receipt = ArchivedSet.receipt(in: folder) else {
      return [
        Damage(path: place.path, text: "receipt.json is missing or damaged", set: place.set)
      ]
    }
    var damages = recordKeyDamages(of: place, in: folder, receipt)
    // Retention deletes files after the receipt says so: what is left is on its way out.
    if receipt.filesRemoved != nil { return damages }
    var expected: [ExactText: Receipt.File] = [:]
    for file in [receipt.control] + receipt.files + (receipt.others ?? []) {
      expected[ExactText(file.file)] = file
    }
    try Self.visitFiles(in: folder, receipt) { file throws(SystemError) in
      summary.files += 1
      summary.bytes = summary.bytes.addingSaturated(file.status.size)
      let entry = expected.removeValue(forKey: ExactText(file.path))
      let text =
        entry.map { Self.difference(file, $0) } ?? (receipt.others == nil ? nil : "is not in the receipt")
      if let text {
        damages.append(Damage(path: file.directory.path(of: file.name), text: text, set: place.set))
      }
    }
    let missing = expected.keys.sorted().map { "\(place.path)/\(Spool.filesName)/\($0.text)" }
    return damages + missing.map { Damage(path: $0, text: "is missing", set: place.set) }
  }

  /// Record keys that the receipt names, and that are not there or damaged. Retention keeps them with the receipt.
  private func recordKeyDamages(of place: ArchivedPlace, in folder: Directory, _ receipt: Receipt) -> [Damage]
  {
    receipt.files.compactMap { file in
      guard file.recordKey != nil, let key = file.key else { return nil }
      let path = "\(place.path)/\(RecordKeyFolder.name)/\(RecordKeyFolder.fileName(for: key))"
      do throws(SystemError) {
        guard case .failure(let failure) = try RecordKeyFolder.read(for: key, in: folder) else { return nil }
        return Damage(path: path, text: "\(failure)", set: place.set)
      } catch {
        return Damage(
          path: path, text: error.isMissing ? "is missing" : "cannot be read: \(error)", set: place.set)
      }
    }
  }

  /// Visits all of `files/` that is no folder, and a fixed control file beside it.
  private static func visitFiles(
    in folder: Directory, _ receipt: Receipt, _ visit: (TreeEntry) throws(SystemError) -> Void
  ) throws(SystemError) {
    let control = receipt.control.file
    var isInside = false
    if try folder.status(Spool.filesName) != nil {
      try TreeWalk(folder.openDirectory(Spool.filesName)).visit { entry throws(SystemError) in
        guard entry.status.kind != .directory else { return }
        if ExactText(entry.path) == ExactText(control) { isInside = true }
        try visit(entry)
      }
    }
    if !isInside, let status = try folder.status(control) {
      try visit(TreeEntry(directory: folder, folders: [], name: control, status: status))
    }
  }

  private static func difference(_ file: TreeEntry, _ entry: Receipt.File) -> String? {
    do {
      let (digest, size) = try file.directory.openForReading(file.name, for: "verify").sha256 { false }
      if size != entry.size { return "has \(size) bytes, and the receipt says \(entry.size)" }
      let found = SHA256Digest(bytes: digest)
      return found == entry.sha256 ? nil : "has SHA-256 \(found), and the receipt says \(entry.sha256)"
    } catch {
      return "cannot be read: \(error)"
    }
  }
}
