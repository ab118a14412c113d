public import ImportCore
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

/// Reads everything that is kept and compares it with what was recorded of it: the journal's lines with their
/// checksums, and every file of the archive with its receipt. Changes nothing.
public struct Verification: Sendable {
  /// What was looked at.
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

  /// Looks at everything and tells each damage as it is found. Blocks, for as long as reading it all takes.
  public func run(found: (Damage) throws -> Void) throws -> Summary {
    var summary = Summary()
    summary.records = try journal(&summary, found)
    let walk = ArchiveWalk(spool: configuration.daemon.spoolDirectory, fileSystem: fileSystem)
    for place in try walk.places() {
      // What retention has removed since the walk began is no damage.
      guard let folder = try walk.open(place) else { continue }
      let damages = try damages(of: place, in: folder, &summary)
      if !damages.isEmpty, try walk.open(place) == nil { continue }
      summary.sets += 1
      summary.damaged += damages.count
      for damage in damages { try found(damage) }
    }
    return summary
  }

  private func journal(_ summary: inout Summary, _ found: (Damage) throws -> Void) throws -> Int {
    let path = "\(configuration.daemon.stateDirectory)/\(JournalFile.name)"
    guard let bytes = try content(of: path) else { return 0 }
    do {
      return try JournalReading(bytes).allRecords.count
    } catch {
      summary.damaged += 1
      try found(Damage(path: path, text: error.description))
      return 0
    }
  }

  private func content(of path: String) throws(SystemError) -> [UInt8]? {
    do {
      return try fileSystem.openFile(path, for: "verify").readAll(atMost: Int.max - 1)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  private func damages(
    of place: ArchivedPlace, in folder: Directory, _ summary: inout Summary
  ) throws(SystemError) -> [Damage] {
    guard let receipt = ArchivedSet.receipt(in: folder) else {
      return [
        Damage(path: place.path, text: "its receipt.json is missing or cannot be read", set: place.set)
      ]
    }
    var damages: [Damage] = []
    var expected: [String: Receipt.File] = [:]
    for file in [receipt.control] + receipt.files + (receipt.others ?? []) { expected[file.file] = file }
    for file in try Self.files(in: folder, receipt) {
      summary.files += 1
      summary.bytes += file.status.size
      let entry = expected.removeValue(forKey: file.path)
      let text =
        entry.map { Self.difference(file, $0) } ?? (receipt.others == nil ? nil : "is not in the receipt")
      if let text {
        damages.append(Damage(path: file.directory.path(of: file.name), text: text, set: place.set))
      }
    }
    let missing = expected.keys.sorted().map { "\(place.path)/\(Spool.filesName)/\($0)" }
    return damages + missing.map { Damage(path: $0, text: "is missing", set: place.set) }
  }

  /// All of `files/`, and a fixed control file beside it.
  private static func files(in folder: Directory, _ receipt: Receipt) throws(SystemError) -> [Directory
    .TreeFile]
  {
    var files: [Directory.TreeFile] = []
    if try folder.status(Spool.filesName) != nil {
      files = try folder.openDirectory(Spool.filesName).tree()
    }
    let isInside = files.contains { $0.path == receipt.control.file }
    if !isInside, let status = try folder.status(receipt.control.file) {
      files.append(
        Directory.TreeFile(
          path: receipt.control.file, directory: folder, name: receipt.control.file, status: status))
    }
    return files
  }

  private static func difference(_ file: Directory.TreeFile, _ entry: Receipt.File) -> String? {
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
