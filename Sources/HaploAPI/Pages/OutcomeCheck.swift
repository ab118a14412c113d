public import ImportCore
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

/// Result of one request for the list of batches with the outcome key. As JSON it has every member; absent values are null.
public struct OutcomeCheck: Sendable, Hashable, Encodable {
  /// Whether the list can be read, or the obstacle.
  public enum Result: String, Sendable, Hashable, CaseIterable, Encodable {
    case works
    case keyRefused = "key-refused"
    /// The server answers with something else than its list.
    case unexpected
    case unreachable
  }

  /// Address of the list.
  public var page: String
  public var outcome: Result
  /// Words of the obstacle; nil if it works.
  @OrNull public var reason: String? = nil
  /// Action that removes the obstacle.
  @OrNull public var remedy: String? = nil

  /// All of it in one line, for people.
  public var line: String {
    let headline =
      switch outcome {
      case .works: "works: outcomes can be read"
      case .keyRefused: "cannot be read with the outcome key"
      case .unexpected: "is not the list of batches that this program knows, so that outcomes will be unknown"
      case .unreachable: "cannot be read now"
      }
    return "\(page) \(headline)" + (reason.map { ": \($0)" } ?? "") + (remedy.map { "; \($0)" } ?? "")
  }
}

extension Configuration {
  /// Asks for the beginning of the server's list of batches once. Counts as a failed key at the server if the key is wrong.
  /// Throws as ``LoadedConfiguration/makeTransport(replyTimeout:)`` does.
  public func checkOutcomes(with outcomeKey: APIKey) async throws -> OutcomeCheck {
    let pages = JobPages(try makePages(outcomeKey, replyTimeout: .seconds(30)))
    let page = server.url + BatchListRow.listPath
    do throws(JobPages.Failure) {
      _ = try await pages.list { _ in false }
      return OutcomeCheck(page: page, outcome: .works)
    } catch {
      switch error {
      case .refused(let refusal):
        return OutcomeCheck(page: page, outcome: .keyRefused, reason: refusal.text, remedy: refusal.remedy)
      case .unexpected(let unexpected):
        return OutcomeCheck(page: page, outcome: .unexpected, reason: unexpected.description)
      case .failed(let text): return OutcomeCheck(page: page, outcome: .unreachable, reason: text)
      case .noSuchBatch: return OutcomeCheck(page: page, outcome: .unexpected)
      }
    }
  }
}
