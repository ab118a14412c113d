/// An answer of something in front of the server, or of another server.
public struct ForeignAnswer: Hashable, Sendable {
  /// The answer, quoted, with a remedy for a person.
  public var reason: Reason
  /// The pause that `Retry-After` asks for.
  public var after: Duration?
  /// True if this set's file may have been received all the same.
  public var batchLost: Bool
  /// True if no repetition can succeed.
  public var isPermanent: Bool

  /// The verdict if a probe got the same kind of answer: it concerns all requests.
  public var concerningServer: Verdict { .stop(.wrongAddress, reason, batchLost: batchLost) }

  /// The verdict if a probe passed, or told nothing: it concerns this request.
  public var concerningRequest: Verdict {
    if isPermanent { return .hold(reason) }
    return batchLost ? .newBatch(reason, after: after) : .again(reason, after: after)
  }

  /// The remedy for an answer that is not recognisably the server's own.
  static func remedy(for answer: Answer) -> String {
    switch answer.status {
    case 400 where answer.pageTitle?.contains("SSL certificate") == true:
      "set ClientCertificateFile= and ClientKeyFile= in [Server] to a certificate that is accepted there and its key"
    case 401, 403, 406, 411, 412, 415, 422, 451:
      "ask the administrator of the proxy or firewall in front of the server why it refuses this request"
    case 407: "set Proxy= in [Server] to http://USER:PASSWORD@HOST:PORT"
    case 413: "ask the administrator of the proxy in front of the server for its maximum request size"
    case 431:
      "ask the administrator of the server, or of the proxy in front of it, for its maximum header size"
    case 404:
      "check the host name in URL= in [Server], any proxy or firewall in between, and that the batch import plugin is installed"
    default:
      "check URL= in [Server], any proxy or firewall in between, and that the batch import plugin is installed"
    }
  }
}
