public import ImportCore
public import ImportRuntime
import ImportSystem

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
