import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// Waits for the result of a set that is dropped now. Until the set is claimed it has no id, and is known by its name among
/// those that were not there before.
struct DropWait {
  private let query: DaemonQuery
  private let name: String
  private let selection: SetSelection
  private let before: Set<SetID>
  private var set: SetID?

  /// Looks which sets of this name are there already. To be made before the set is dropped.
  init(_ invocation: Invocation, _ source: SourceName, _ name: String) throws(Failure) {
    query = try DaemonQuery(invocation)
    self.name = name
    var selection = SetSelection()
    selection.sources = [source]
    selection.since = SystemTime().now.advanced(by: .seconds(-86400))
    selection.all = true
    self.selection = selection
    before = Set(try Self.sets(query, selection, name).ids)
  }

  /// Words for the time being up.
  var untilNow: String {
    guard let set else { return "'\(PrintableText.escaping(name))' was not picked up when the time was up" }
    return "\(set): still waiting when the time was up"
  }

  /// The set once it has come to rest; nil if it has not by `deadline`. Blocks its thread.
  mutating func settled(until deadline: ContinuousClock.Instant?) throws(Failure) -> SetReport? {
    var waiting = SetWait(query)
    while set == nil {
      let (sets, isFromJournal) = try Self.sets(query, selection, name)
      set = sets.first { !before.contains($0) }
      if set != nil { break }
      guard waiting.pause(until: deadline, isDaemonDown: isFromJournal) else { return nil }
    }
    return try set.flatMap { set throws(Failure) in try waiting.settled(set.text, until: deadline) }
  }

  /// The ids of all sets of a name, newest last, and whether they are from the journal, as the daemon is down.
  private static func sets(_ query: DaemonQuery, _ selection: SetSelection, _ name: String) throws(Failure)
    -> (ids: [SetID], isFromJournal: Bool)
  {
    var sets: [SetID] = []
    var pages = ListPages(query, selection, isQuiet: true)
    while let page = try pages.next() {
      sets += page.filter { ExactText($0.name) == ExactText(name) }.map(\.set)
    }
    return (sets, pages.isFromJournal)
  }
}
