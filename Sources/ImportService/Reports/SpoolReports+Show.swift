public import ImportCore
import ImportSystem

extension SpoolReports {
  /// Everything about the set whose id begins with `prefix`, if there is exactly one.
  public func show(_ prefix: String) throws(Failure) -> ShownSet {
    let candidates = try candidates(prefix)
    guard candidates.count == 1, let id = candidates.first, let set = try report(of: id) else {
      return ShownSet(candidates: candidates, set: nil, history: [], outlook: "")
    }
    let history = try Self.reading {
      try JournalHistory(configuration.daemon.stateDirectory, fileSystem: fileSystem).records(of: id)
        .compactMap { HistoryLine($0) }
    }
    return ShownSet(
      candidates: candidates, set: set, history: history, outlook: SetOutlook(self, set).text,
      previous: previous(of: set))
  }

  /// The set that a set of a source is compared with: the one that was scheduled before it in the same mode or, if it was not
  /// scheduled, the last one. Nil if none is remembered.
  private func previous(of set: SetReport) -> SetID? {
    journal.history(set.source).previous(
      of: set.set, set.mode == ImportMode.import.rawValue ? .import : .dryRun)
  }

  /// The set that the next one of a source will be compared with, as the history remembers it, and described as
  /// ``show(_:)`` does if its folder is still there.
  public func last(of source: SourceName) throws(Failure) -> ShownSet {
    guard let settings = configuration.source(source) else {
      throw .notFound("there is no source '\(source)'")
    }
    guard let last = journal.history(source).last(settings.mode == .import ? .import : .dryRun) else {
      throw .notFound(
        "no set of source '\(source)' was scheduled in its mode (Mode=\(settings.mode.rawValue)) yet")
    }
    var shown = try show(last.set.text)
    shown.remembered = last
    return shown
  }
}
