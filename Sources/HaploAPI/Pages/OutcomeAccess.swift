import ImportCore
public import ImportRuntime
public import ImportSystem

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
  /// Takes the way to the pages of a configuration; nil without an outcome key. The session is remembered in the state
  /// directory; one that no key uses any more is forgotten. Blocks.
  public init?(
    _ loaded: LoadedConfiguration, _ pages: (any PageTransport)?, tally: OutcomeTally, in state: Directory,
    _ workers: WorkerPool
  ) {
    guard let pages, let key = loaded.outcomeKey else {
      SessionFile.remove(from: state)
      return nil
    }
    let (url, fingerprint) = (loaded.configuration.server.url, key.fingerprint)
    let file = SessionFile(state: state, server: url, key: fingerprint)
    self.init(url: url, key: fingerprint, pages: JobPages(pages, tally: tally, in: file, workers))
  }
}
