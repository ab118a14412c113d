/// How much of a request's body the server can have seen.
public enum BodySent: String, Sendable, Hashable {
  /// Nothing of the request left this machine.
  case nothing
  /// A part; the server cannot have taken it for whole.
  case part
  /// All of it, as far as can be known here.
  case whole
}

/// An HTTP answer, reduced to what decides.
public struct Answer: Hashable, Sendable {
  public var status: Int
  /// The media type in lower case without parameters, nil if none was given.
  public var mediaType: String?
  /// The body as received, as far as it was kept.
  public var bytes: [UInt8]
  /// False if the connection broke before the end of the body.
  public var isComplete: Bool
  /// What `Retry-After` asks for, if it makes sense.
  public var retryAfter: Duration?

  /// The body as text; bytes that are not UTF-8 are replaced.
  public var body: String { String(decoding: bytes, as: UTF8.self) }

  /// Takes an answer with its body as received.
  public init(
    status: Int, mediaType: String?, bytes: [UInt8], isComplete: Bool = true, retryAfter: Duration? = nil
  ) {
    self.status = status
    self.mediaType = mediaType
    self.bytes = bytes
    self.isComplete = isComplete
    self.retryAfter = retryAfter
  }

  /// Takes an answer with its body as text.
  public init(
    status: Int, mediaType: String?, body: String, isComplete: Bool = true, retryAfter: Duration? = nil
  ) {
    self.init(
      status: status, mediaType: mediaType, bytes: Array(body.utf8), isComplete: isComplete,
      retryAfter: retryAfter)
  }
}

/// What came of one request.
public enum Exchange: Hashable, Sendable {
  /// The server, or something in front of it, answered.
  case answered(Answer, sent: BodySent)
  /// No answer; the text names host and cause. `hasRemedy`: it says what to do, too.
  case failed(String, sent: BodySent, hasRemedy: Bool = false)
}

/// The server's own refusal of the key or its permission: why it refuses all requests, in its own words. It comes before the
/// server works on a request, so nothing of a file was received.
struct ServerRefusal {
  let stop: ServerStop
  let text: String
  /// The remedy for a person.
  let remedy: String

  /// Recognises a refusal; nil if these are not the server's words.
  static func of(_ answer: Answer) -> ServerRefusal? {
    switch (answer.status, answer.mediaType) {
    case (403, "application/json"): inJSON(answer.body)
    case (403, "text/html") where answer.body.contains(denied): keyRefused(denied)
    case (403, "text/plain") where answer.body == "Unauthorised":
      keyRefused("Unauthorised; the request arrived without an API key")
    case (200, "text/html") where answer.body.contains(notPermitted):
      Self(
        stop: .notPermitted, text: "the server does not let this API key import: \(notPermitted)",
        remedy: permissionRemedy)
    default: nil
    }
  }

  /// The server names the kind only to a multipart request.
  private static func inJSON(_ body: String) -> ServerRefusal? {
    let text = body.filter { !$0.isWhitespace }
    guard text.contains(#""success":false"#) else { return nil }
    if text.contains(#""kind":"THROTTLE""#) {
      return Self(
        stop: .throttled, text: "the server refuses this address after too many wrong keys",
        remedy: throttleRemedy)
    }
    if text.contains(#""kind":"INVALID-API-KEY""#) {
      return keyRefused("Invalid API Key")
    }
    if text.contains(#""kind":"UNAUTHORISED""#) {
      return keyRefused("UNAUTHORISED; its user is blocked")
    }
    return nil
  }

  /// The server's own words alone, such as "Request denied for security reasons", do not say that the key is meant.
  private static func keyRefused(_ words: String) -> ServerRefusal {
    ServerRefusal(stop: .keyRefused, text: "the server refuses the API key: \(words)", remedy: keyRemedy)
  }

  private static let denied = "Request denied for security reasons"
  private static let notPermitted = "You are not permitted to perform this action."
  private static let keyRemedy =
    "write a valid key to the API key's file (APIKeyFile=), then restart the daemon"
  private static let throttleRemedy =
    "wait: nothing is sent until the lockout has ended; check that the key is the right one for this server"
  private static let permissionRemedy =
    "give the key's user the permission to import data, in the server's administration pages"
}
