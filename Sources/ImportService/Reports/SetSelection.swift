public import ImportCore
import ImportStorage

/// Which sets `list` shows. Empty sets and nil select everything.
public struct SetSelection: Codable, Sendable, Hashable {
  /// How many finished sets are shown where nothing was asked for.
  public static let finishedByDefault = 20

  public var states: Set<SetState> = []
  public var sources: Set<SourceName> = []
  /// A ``Glob`` for the name of the dropped folder or control file.
  public var name: String?
  /// Sets that were completed before are left out.
  public var since: Timestamp?
  /// Sets that were completed later are left out.
  public var until: Timestamp?
  /// Only so many of the newest sets.
  public var limit: Int?
  /// All sets, however many are finished.
  public var all = false

  /// Selects every unfinished set and the last finished ones.
  public init() {}

  /// True if nothing narrows the list, so that the default number of finished sets holds.
  var isDefault: Bool { self == SetSelection() }

  /// True if sets of the archive can be among them.
  var includesArchive: Bool { states.isEmpty || states.contains(.archived) || states.contains(.skipped) }

  /// The days on which the sets were completed.
  var days: ClosedRange<ArchiveDay>? {
    guard since != nil || until != nil else { return nil }
    let first = since.map { ArchiveDay($0) } ?? ArchiveDay(digits: "00000000")
    let last = until.map { ArchiveDay($0) } ?? ArchiveDay(digits: "99999999")
    return first...max(first, last)
  }

  /// False if the set cannot belong to the list, as far as it can be told without its report.
  func mayInclude(_ delivery: Delivery, now: Timestamp) -> Bool {
    (states.isEmpty || states.contains(delivery.state(now: now)))
      && (sources.isEmpty || sources.contains(delivery.source))
  }

  /// Says whether a set belongs to the list.
  func filter() -> (SetReport) -> Bool {
    let glob = name.flatMap { Glob($0) }
    return { set in
      (states.isEmpty || states.contains(set.state)) && (sources.isEmpty || sources.contains(set.source))
        && (name == nil || glob?.matches(set.name) == true)
        && (since.map { set.completed >= $0 } ?? true) && (until.map { set.completed <= $0 } ?? true)
    }
  }
}

/// Where a list goes on after a page: what of it was already sent, and where it began.
public struct ListCursor: Codable, Sendable, Hashable {
  /// The last set of the page before; nil before the first one.
  var after: SetID?
  /// The first unfinished set of the list, and the first of the archive; nil means the oldest one.
  var unfinishedFrom: SetID?
  var finishedFrom: SetID?
}

/// A part of a list, oldest set first. A reader of a long list asks for one page after the other, so that neither side holds
/// more than one, and a reader who pauses keeps nothing open in the daemon.
public struct ListPage: Codable, Sendable {
  public var sets: [SetReport]
  /// What to ask for the next page with; nil after the last one.
  public var next: ListCursor?
}
