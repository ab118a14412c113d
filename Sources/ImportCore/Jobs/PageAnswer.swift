/// Answer to a request for one of the jobs pages, before its content is judged.
public struct PageAnswer: Hashable, Sendable {
  /// HTTP status; nil without an answer.
  public var status: Int?
  /// Media type in lower case, without parameters.
  public var mediaType: String?
  /// True if all of the body came, or as much of it as was wanted.
  public var isComplete: Bool
  /// True if the page says that the key's user is not permitted.
  public var isNotPermitted: Bool
  /// Why there is no answer.
  public var failure: String?

  public init(
    status: Int?, mediaType: String? = nil, isComplete: Bool = true, isNotPermitted: Bool = false,
    failure: String? = nil
  ) {
    self.status = status
    self.mediaType = mediaType
    self.isComplete = isComplete
    self.isNotPermitted = isNotPermitted
    self.failure = failure
  }

  /// The meaning of the answer.
  public enum Meaning: Hashable, Sendable {
    /// It is a page, whose content decides.
    case page
    /// The key is refused: no further request until a person has acted, for failures of this key count in the same lockout
    /// as those of the import key.
    case refused(OutcomeRefusal)
    /// There is no batch of this number.
    case noSuchBatch
    /// No answer, or one that can pass.
    case failed(String)
    /// Another answer than the known versions of the server give.
    case unexpected(UnexpectedPage)
  }

  /// Judges the answer to a request for the list, or with `isBatch` for the page of one batch.
  public func meaning(isBatch: Bool) -> Meaning {
    guard let status else { return .failed(failure ?? "no answer") }
    switch status {
    case 200 where isNotPermitted: return .refused(.notPermitted)
    case 200 where mediaType != "text/html":
      return .unexpected(
        UnexpectedPage("the answer is no page: \(UnexpectedPage.quoted(mediaType ?? "no type"))"))
    case 200: return isComplete ? .page : .failed("the page broke off")
    case 300..<400: return .refused(.redirected(status))
    case 401, 403: return .refused(.keyRefused(status))
    case 400 where isBatch: return .noSuchBatch
    case 407, 408, 425, 429, 500...: return .failed("the server answered with status \(status)")
    default: return .unexpected(UnexpectedPage("the server answered with status \(status)"))
    }
  }
}

/// Why the outcome key is not used any more until a person has acted.
public struct OutcomeRefusal: Hashable, Codable, Sendable {
  /// The server's answer, in words.
  public var text: String
  /// The action that lifts the refusal.
  public var remedy: String

  public init(text: String, remedy: String) {
    self.text = text
    self.remedy = remedy
  }

  static let notPermitted = OutcomeRefusal(
    text: "the outcome key's user is not permitted to see the server's batches",
    remedy: "put the key's user into the group 'Batch data administration', then reload")

  static func redirected(_ status: Int) -> OutcomeRefusal {
    OutcomeRefusal(
      text: "the request for the server's batches was redirected (HTTP \(status)), as to a login page",
      remedy:
        "check that the outcome key is one of this server, and that no proxy or single sign-on stands in front of "
        + "/do/haplo-data-import-batch/, then reload")
  }

  static func keyRefused(_ status: Int) -> OutcomeRefusal {
    OutcomeRefusal(
      text: "the server refused the outcome key (HTTP \(status))",
      remedy:
        "make a key with the path /do/haplo-data-import-batch/batch (no slash at its end), write it to the file of "
        + "OutcomeKeyFile=, then reload")
  }
}
