import ImportCore
import ImportStorage
import ImportSystem

extension SpoolReports {
  /// How many sets, and about how many bytes of JSON, a page has at most.
  private static let pageSize = 500
  private static let pageBytes = 1 << 20

  /// The next page of a list, oldest set first; `cursor` is nil for the first page.
  public func list(_ selection: SetSelection, _ cursor: ListCursor? = nil) throws(Failure) -> ListPage {
    try Self.reading {
      try check(selection)
      return try page(selection, cursor ?? beginning(of: selection))
    }
  }

  private func check(_ selection: SetSelection) throws(Failure) {
    for source in selection.sources.sorted()
    where configuration.source(source) == nil && journal.deliveries({ $0.source == source }).isEmpty {
      let archive = "\(configuration.daemon.spoolDirectory)/\(SpoolArea.archive.rawValue)/\(source)"
      if (try? fileSystem.openDirectory(archive)) == nil {
        throw .notFound(Spelling.noSource(source.text, among: configuration.sources))
      }
    }
  }

  // MARK: One page

  private func page(_ selection: SetSelection, _ cursor: ListCursor) throws -> ListPage {
    let isWanted = selection.filter()
    var unfinished = unfinished(selection, isWanted, cursor)[...]
    var page = ListPage(sets: [], next: nil)
    var size = 0
    /// Appends a set unless the page is full, which is then not the last one.
    func append(_ set: SetReport) -> Bool {
      guard page.sets.count < Self.pageSize, size < Self.pageBytes else {
        var next = cursor
        next.after = page.sets.last?.set
        page.next = next
        return false
      }
      page.sets.append(set)
      size += 1000 + 200 * set.files.count
      return true
    }
    if selection.includesArchive {
      let start = cursor.after ?? cursor.finishedFrom
      try visitArchive(selection, from: cursor.after == nil ? start : nil, after: cursor.after) { place in
        while let next = unfinished.first, next.set < place.set {
          guard append(next) else { return false }
          unfinished.removeFirst()
        }
        guard let filed = try archived(place), isWanted(filed) else { return true }
        // A set that was archived while this was read is in both: the archive is right.
        if unfinished.first?.set == filed.set { unfinished.removeFirst() }
        return append(filed)
      }
    }
    if page.next == nil { for set in unfinished { guard append(set) else { break } } }
    page.sets.sort(by: Self.isBefore)
    return page
  }

  /// By the second of the completion; sets of the same second, as those of a backlog are, in the order in which they were
  /// scheduled.
  private static func isBefore(_ one: SetReport, _ other: SetReport) -> Bool {
    let seconds = (one.completed.microseconds / 1_000_000, other.completed.microseconds / 1_000_000)
    if seconds.0 != seconds.1 { return seconds.0 < seconds.1 }
    switch (one.scheduled, other.scheduled) {
    case (let one?, let other?) where one != other: return one < other
    case (nil, _?): return false
    case (_?, nil): return true
    default: return one.completed != other.completed ? one.completed < other.completed : one.set < other.set
    }
  }

  /// The unfinished sets that a page may begin with, by their ids. Archived ones that the journal still has are among them
  /// until their receipt is found.
  private func unfinished(
    _ selection: SetSelection, _ isWanted: (SetReport) -> Bool, _ cursor: ListCursor
  ) -> [SetReport] {
    let deliveries = journal.deliveries { delivery in
      cursor.after.map { delivery.set > $0 } ?? true
        && cursor.unfinishedFrom.map { delivery.set >= $0 } ?? true
        && selection.mayInclude(delivery, now: now)
    }
    return deliveries.sorted { $0.set < $1.set }.lazy.map(report).filter(isWanted).prefix(Self.pageSize + 1)
      .map(\.self)
  }

  private func visitArchive(
    _ selection: SetSelection, from first: SetID?, after last: SetID?, _ body: (ArchivedPlace) throws -> Bool
  ) throws {
    let sources = selection.sources.isEmpty ? nil : selection.sources
    let days = Self.days(selection.days, from: first)
    try walk.visit(of: sources, .oldestFirst, after: last, on: days) { place in
      if let first, place.set < first { return true }
      return try body(place)
    }
  }

  private static func days(_ days: ClosedRange<ArchiveDay>?, from first: SetID?) -> ClosedRange<ArchiveDay>? {
    guard let first else { return days }
    let lower = max(days?.lowerBound ?? ArchiveDay(first), ArchiveDay(first))
    return lower...max(lower, days?.upperBound ?? ArchiveDay(digits: "99999999"))
  }

  // MARK: Where a list begins

  /// Finds where a list of the newest sets begins, by a visit from the newest set that holds one receipt at a time.
  private func beginning(of selection: SetSelection) throws -> ListCursor {
    if let limit = selection.limit {
      let first = try newest(limit, of: selection)
      return ListCursor(unfinishedFrom: first, finishedFrom: first)
    }
    guard selection.isDefault else { return ListCursor() }
    var last: SetID?
    var count = 0
    try walk.visit(.newestFirst) { place in
      guard count < SetSelection.finishedByDefault else { return false }
      last = place.set
      count += 1
      return true
    }
    return ListCursor(finishedFrom: last)
  }

  /// The oldest of the newest `limit` sets that are selected; nil if there are no more than that.
  private func newest(_ limit: Int, of selection: SetSelection) throws -> SetID? {
    let isWanted = selection.filter()
    // A report asks the journal more, which must not be asked from within.
    var unfinished = journal.deliveries { selection.mayInclude($0, now: now) }.map(report).filter(isWanted)
      .map(\.set).sorted()
    var last: SetID?
    var count = 0
    func add(_ set: SetID) -> Bool {
      last = set
      count += 1
      return count < limit
    }
    if selection.includesArchive {
      let sources = selection.sources.isEmpty ? nil : selection.sources
      try walk.visit(of: sources, .newestFirst, on: selection.days) { place in
        while let next = unfinished.last, next > place.set {
          unfinished.removeLast()
          guard add(next) else { return false }
        }
        guard let filed = try archived(place), isWanted(filed) else { return true }
        if unfinished.last == filed.set { unfinished.removeLast() }
        return add(filed.set)
      }
    }
    while count < limit, let next = unfinished.popLast() { _ = add(next) }
    return count < limit ? nil : last
  }
}
