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
  /// The status.
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
