public import ImportCore
import ImportSystem

extension SpoolReports {
  /// The set that a set of a source is compared with: the one that was scheduled before it in the same mode or, if it was not
  /// scheduled, the last one. Nil if none is remembered.
  func previous(of set: SetReport) -> SetID? {
    journal.history(set.source).previous(
      of: set.set, set.mode == ImportMode.import.rawValue ? .import : .dryRun)
  }

  /// The set that the next one of a source will be compared with.
  public func last(of source: SourceName) throws(Failure) -> ShownSet {
    guard let settings = configuration.source(source) else {
      throw .notFound("there is no source '\(source)'")
    }
    guard let last = journal.history(source).last(settings.mode == .import ? .import : .dryRun) else {
      throw .notFound(
        "no set of source '\(source)' was scheduled in its mode (Mode=\(settings.mode.rawValue)) yet")
    }
    return try show(last.set.text)
  }
}
