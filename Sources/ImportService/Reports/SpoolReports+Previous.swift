public import ImportCore
import ImportSystem

extension SpoolReports {
  /// The set that a set of a source is compared with: the one that was scheduled before it in the same mode or, if it was not
  /// scheduled, the last one. Nil if none is remembered.
  func previous(of set: SetReport) -> SetID? {
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
