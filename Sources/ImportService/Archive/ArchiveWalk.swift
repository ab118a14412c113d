import FoundationEssentials
import ImportCore
import ImportSystem

/// One set as it stands in the archive.
struct ArchivedSet: Sendable {
  let set: SetID
  /// The folder of its day.
  let day: Directory
  /// Its own folder.
  let folder: Directory
  /// Nil if the receipt is missing or cannot be read.
  let receipt: Receipt?

  /// Reads a set's receipt; nil if it is missing or is none.
  static func receipt(in folder: Directory) -> Receipt? {
    guard let bytes = try? folder.readFile("receipt.json", atMost: 64 << 20) else { return nil }
    return try? JSONDecoder().decode(Receipt.self, from: Data(bytes))
  }
}

/// Visits the sets of the archive, oldest day first. Blocks.
struct ArchiveWalk: Sendable {
  private let spool: String
  private let fileSystem: FileSystem

  init(spool: String, fileSystem: FileSystem) {
    self.spool = spool
    self.fileSystem = fileSystem
  }

  /// All sets of one source, or of all; none if there is no archive yet.
  func sets(of source: SourceName? = nil) throws(SystemError) -> [ArchivedSet] {
    var sets: [ArchivedSet] = []
    for day in try days(of: source) {
      for name in try day.directories() {
        guard let set = SetID(name) else { continue }
        let folder = try day.openDirectory(name)
        sets.append(ArchivedSet(set: set, day: day, folder: folder, receipt: ArchivedSet.receipt(in: folder)))
      }
    }
    return sets.sorted { $0.set.text < $1.set.text }
  }

  /// The folders of all days that have sets.
  func days(of source: SourceName? = nil) throws(SystemError) -> [Directory] {
    let archive: Directory
    do {
      archive = try fileSystem.openDirectory("\(spool)/archive")
    } catch  where error.isMissing {
      return []
    }
    var days: [Directory] = []
    for name in try archive.directories() where source == nil || source?.text == name {
      for year in try archive.openDirectory(name).subdirectories() {
        for month in try year.subdirectories() { days += try month.subdirectories() }
      }
    }
    return days
  }
}

extension Directory {
  /// Names of the directories in it, in their order.
  func directories() throws(SystemError) -> [String] {
    var names: [String] = []
    for name in try entries().compactMap(\.string) where try status(name)?.kind == .directory {
      names.append(name)
    }
    return names.sorted()
  }

  /// The directories in it, in the order of their names.
  func subdirectories() throws(SystemError) -> [Directory] {
    var directories: [Directory] = []
    for name in try self.directories() { directories.append(try openDirectory(name)) }
    return directories
  }
}
