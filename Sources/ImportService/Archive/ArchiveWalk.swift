import FoundationEssentials
import ImportCore
import ImportSystem

/// Where one set stands in the archive. Nothing is held open: an archive of some years has more sets than a process
/// may have descriptors.
struct ArchivedPlace: Sendable {
  let set: SetID
  /// Path of the folder of its day.
  let day: String
  /// Path of its own folder.
  var path: String { "\(day)/\(set)" }
}

/// One set as it stands in the archive.
struct ArchivedSet: Sendable {
  let place: ArchivedPlace
  /// Nil if the receipt is missing or cannot be read.
  let receipt: Receipt?

  var set: SetID { place.set }

  /// Reads a set's receipt; nil if it is missing or is none.
  static func receipt(in folder: Directory) -> Receipt? {
    guard let bytes = try? folder.readFile("receipt.json", atMost: 64 << 20) else { return nil }
    return try? JSONDecoder().decode(Receipt.self, from: Data(bytes))
  }
}

/// Visits the sets of the archive, oldest first. Blocks.
struct ArchiveWalk: Sendable {
  private let spool: String
  private let fileSystem: FileSystem

  init(spool: String, fileSystem: FileSystem) {
    self.spool = spool
    self.fileSystem = fileSystem
  }

  /// All sets of one source, or of all, with their receipts; none if there is no archive yet. What retention removes
  /// meanwhile is left out.
  func sets(of source: SourceName? = nil) throws(SystemError) -> [ArchivedSet] {
    var sets: [ArchivedSet] = []
    for place in try places(of: source) {
      guard let folder = try open(place) else { continue }
      sets.append(ArchivedSet(place: place, receipt: ArchivedSet.receipt(in: folder)))
    }
    return sets
  }

  /// Where all sets of one source stand, or of all.
  func places(of source: SourceName? = nil) throws(SystemError) -> [ArchivedPlace] {
    var places: [ArchivedPlace] = []
    for day in try days(of: source) { places += try self.places(on: day) }
    return places.sorted { $0.set.text < $1.set.text }
  }

  /// Opens a set's folder; nil if it is not there any more.
  func open(_ place: ArchivedPlace) throws(SystemError) -> Directory? {
    do { return try fileSystem.openDirectory(place.path) } catch  where error.isMissing { return nil }
  }

  /// Paths of the folders of all days, in the order of the sources and days.
  func days(of source: SourceName? = nil) throws(SystemError) -> [String] {
    var folders = try names(in: "\(spool)/archive").filter { source == nil || source?.text == $0 }
      .map { "\(spool)/archive/\($0)" }
    for _ in ["year", "month", "day"] {
      var below: [String] = []
      for folder in folders { below += try names(in: folder).map { "\(folder)/\($0)" } }
      folders = below
    }
    return folders
  }

  /// When the newest set of a source was scheduled, as far as the last day that has sets can tell; nil without any.
  func lastScheduled(of source: SourceName) throws(SystemError) -> Timestamp? {
    for day in try days(of: source).reversed() {
      var last: Timestamp?
      for place in try places(on: day) {
        guard let folder = try open(place), let receipt = ArchivedSet.receipt(in: folder) else { continue }
        last = [last, receipt.scheduled].compactMap(\.self).max()
      }
      if let last { return last }
    }
    return nil
  }

  private func places(on day: String) throws(SystemError) -> [ArchivedPlace] {
    try names(in: day).compactMap { name in SetID(name).map { ArchivedPlace(set: $0, day: day) } }
  }

  /// Names of the directories in a directory, in their order; none if it is not there.
  private func names(in path: String) throws(SystemError) -> [String] {
    do { return try fileSystem.openDirectory(path).directories() } catch  where error.isMissing { return [] }
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
}
