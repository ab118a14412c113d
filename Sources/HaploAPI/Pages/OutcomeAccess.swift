public import ImportRuntime
import ImportCore

/// The way to the jobs pages that is in force.
public struct OutcomeAccess: Sendable {
  /// URL of the server.
  public var url: String
  /// Fingerprint of the key.
  public var key: String
  /// Reads the pages.
  public var pages: JobPages

  /// Tells one access from another.
  public var identity: String { "\(url) \(key)" }
}

extension OutcomeAccess {
  /// Takes the way to the pages of a configuration; nil without an outcome key.
  public init?(_ loaded: LoadedConfiguration, _ pages: (any PageTransport)?, tally: OutcomeTally) {
    guard let pages, let key = loaded.outcomeKey else { return nil }
    self.init(
      url: loaded.configuration.server.url, key: key.fingerprint, pages: JobPages(pages, tally: tally))
  }
}
