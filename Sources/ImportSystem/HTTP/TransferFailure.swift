/// Why a request has no answer, for people: `research.example.ac.uk:443: certificate has expired`.
public struct TransferFailure: Error, Hashable, Sendable {
  /// What stands in the way.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// The caller no longer wanted it, or the engine was shut down.
    case cancelled
    /// It cannot be sent as it is: a NUL byte in a field, an address that is none.
    case invalidRequest
    /// The host's, or the proxy's, name leads nowhere.
    case nameNotKnown
    /// No connection could be made.
    case connectionFailed
    /// TLS: certificates, versions, keys.
    case notTrusted
    /// The file could not be read, or is not as long as was said.
    case fileChanged
    /// No byte moved for too long while sending.
    case stalled
    /// The connection broke before an answer.
    case broken
    /// The answer did not come in time.
    case noAnswer
    /// What came is no HTTP.
    case notHTTP
  }

  public var kind: Kind
  /// `host:port`, or the file's path when that is at fault; empty when neither is known.
  public var place: String
  /// What happened, and what can be done about it where that is clear.
  public var cause: String
  /// True if the cause ends in what can be done.
  public var hasRemedy: Bool

  /// Describes a failure.
  public init(_ kind: Kind, at place: String, _ cause: String, hasRemedy: Bool = false) {
    self.kind = kind
    self.place = place
    self.cause = cause
    self.hasRemedy = hasRemedy
  }
}

extension TransferFailure: CustomStringConvertible {
  public var description: String { place.isEmpty ? cause : "\(place): \(cause)" }
}
