public import ImportCore
public import ImportSystem

/// Visits the sets of the archive in the order of their ids, which is that of their completion to the second, from the
/// oldest or from the newest. It never holds more than a page of names, however many sets a day has, and no descriptor
/// but that of the folder it lists. All calls block.
public struct ArchiveWalk: Sendable {
  /// From which end the archive is visited.
  public enum Direction: Sendable {
    case oldestFirst, newestFirst
  }

  /// How many names of a day are read and sorted at a time.
  private static let pageSize = 1024

  private let spool: String
  private let fileSystem: FileSystem
  private var archive: String { "\(spool)/\(SpoolArea.archive.rawValue)" }

  public init(spool: String, fileSystem: FileSystem) {
    self.spool = spool
    self.fileSystem = fileSystem
  }

  /// Calls `body` with each set that has a folder until it returns false. Sets that retention removes meanwhile may be
  /// among them.
  ///
  /// - Parameters:
  ///   - sources: Sets of other sources are left out; nil means all sources.
  ///   - start: The visit begins behind this id, in the given direction.
  ///   - days: Days (UTC) outside of this range are left out.
  public func visit(
    of sources: Set<SourceName>? = nil, _ direction: Direction = .oldestFirst, after start: SetID? = nil,
    on days: ClosedRange<ArchiveDay>? = nil, _ body: (ArchivedPlace) throws -> Bool
  ) throws {
    try visitDays(of: sources, direction) { day, folders in
      if let days, !days.contains(day) { return true }
      if let start {
        let isBefore = direction == .oldestFirst ? day < ArchiveDay(start) : day > ArchiveDay(start)
        if isBefore { return true }
      }
      var last = start
      while true {
        let page = try page(of: folders, direction, after: last?.text)
        for place in page where try !body(place) { return false }
        guard page.count == Self.pageSize else { return true }
        last = page.last?.set
      }
    }
  }

  /// Opens a set's folder; nil if it is not there any more.
  public func open(_ place: ArchivedPlace) throws(SystemError) -> Directory? {
    do { return try fileSystem.openDirectory(place.path) } catch
      where error.isMissing || error.isNotDirectory
    { return nil }
  }

  /// Reads a set's receipt; nil if the set is not there any more, or its receipt is missing or damaged.
  public func receipt(_ place: ArchivedPlace) throws(SystemError) -> Receipt? {
    try open(place).flatMap { ArchivedSet.receipt(in: $0) }
  }

  /// Ids that begin with `prefix`, in their order, at most `limit` of them. A prefix that names a day costs the listing of
  /// that day only.
  public func ids(beginningWith prefix: String, atMost limit: Int) throws -> [SetID] {
    var found: [SetID] = []
    try visitDays(of: nil, .oldestFirst) { day, folders in
      guard day.digits.hasPrefix(prefix) || prefix.hasPrefix(day.digits) else { return true }
      for folder in folders {
        try visitNames(in: folder) { name in
          if name.hasPrefix(prefix), let set = SetID(name) { found.append(set) }
          return found.count < limit
        }
      }
      return found.count < limit
    }
    return found.sorted()
  }

  /// When the newest set of a source was scheduled, as far as the last day that has sets can tell; nil without any.
  public func lastScheduled(of source: SourceName) throws -> Timestamp? {
    var last: Timestamp?
    var day: String?
    try visit(of: [source], .newestFirst) { place in
      if last != nil, place.day != day { return false }
      day = place.day
      last = [last, try receipt(place)?.scheduled].compactMap(\.self).max()
      return true
    }
    return last
  }

  // MARK: Days

  /// Calls `body` with each day that has a folder, and the paths of its folders, until it returns false.
  public func visitDays(
    of sources: Set<SourceName>?, _ direction: Direction,
    _ body: (ArchiveDay, _ folders: [String]) throws -> Bool
  ) throws {
    let roots = try names(in: archive).filter { name in
      SourceName(name).map { sources?.contains($0) ?? true } ?? false
    }.map { "\(archive)/\($0)" }
    for year in try below(roots, 4, direction) {
      for month in try below(year.folders, 2, direction) {
        for day in try below(month.folders, 2, direction) {
          let date = ArchiveDay(digits: year.name + month.name + day.name)
          guard try body(date, day.folders) else { return }
        }
      }
    }
  }

  /// The names of so many digits in any of these folders, in their order, each with the paths that it has there.
  private func below(_ folders: [String], _ digits: Int, _ direction: Direction) throws -> [(
    name: String, folders: [String]
  )] {
    var paths: [String: [String]] = [:]
    for folder in folders {
      for name in try names(in: folder) where name.utf8.count == digits && name.utf8.allSatisfy(Self.isDigit)
      { paths[name, default: []].append("\(folder)/\(name)") }
    }
    let sorted = paths.map { (name: $0.key, folders: $0.value) }.sorted { $0.name < $1.name }
    return direction == .oldestFirst ? sorted : sorted.reversed()
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  // MARK: Names

  /// The next sets of a day, sorted in this direction: the first page of those behind `last`.
  private func page(of folders: [String], _ direction: Direction, after last: String?) throws(SystemError)
    -> [ArchivedPlace]
  {
    func precedes(_ left: String, _ right: String) -> Bool {
      direction == .oldestFirst ? left < right : left > right
    }
    var page: [ArchivedPlace] = []
    var end: String?
    func cut() {
      guard page.count > Self.pageSize else { return page.sort { precedes($0.set.text, $1.set.text) } }
      page.sort { precedes($0.set.text, $1.set.text) }
      page.removeLast(page.count - Self.pageSize)
      end = page.last?.set.text
    }
    for folder in folders {
      try visitNames(in: folder) { name in
        if let last, !precedes(last, name) { return true }
        if let end, !precedes(name, end) { return true }
        if let set = SetID(name) { page.append(ArchivedPlace(set: set, day: folder)) }
        if page.count == 2 * Self.pageSize { cut() }
        return true
      }
    }
    cut()
    return page
  }

  private func visitNames(in path: String, _ body: (String) -> Bool) throws(SystemError) {
    let folder: Directory
    do { folder = try fileSystem.openDirectory(path) } catch  where error.isMissing || error.isNotDirectory {
      return
    }
    try folder.visitEntries { name in name.string.map(body) ?? true }
  }

  /// Names in a directory, in their order; none if it is not there.
  private func names(in path: String) throws(SystemError) -> [String] {
    var names: [String] = []
    try visitNames(in: path) { name in
      names.append(name)
      return true
    }
    return names.sorted()
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
