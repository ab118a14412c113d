/// Answers that are not recognisably the server's own.
extension Question {
  /// Quotes the answer; never a reason to reject the set or to ask for a new key.
  func foreign(_ answer: Answer, sent: BodySent) -> Verdict {
    let isFile = if case .file = self { true } else { false }
    return .foreign(
      ForeignAnswer(
        reason: reason(
          "not an answer of the Haplo server: \(answer.quotation)", remedy: answer.foreignRemedy,
          http: answer.status),
        after: answer.retryAfter, batchLost: isFile && sent == .whole, isPermanent: answer.status == 431))
  }
}

extension Answer {
  fileprivate var foreignRemedy: String {
    switch status {
    case 400 where pageTitle?.contains("SSL certificate") == true:
      "set ClientCertificateFile= and ClientKeyFile= in [Server] to a certificate that is accepted there and its key"
    case 401, 403, 406, 411, 412, 415, 422, 451:
      "ask the administrator of the proxy or firewall in front of the server why it refuses this request"
    case 407: "set Proxy= in [Server] to http://USER:PASSWORD@HOST:PORT"
    case 413: "ask the administrator of the proxy in front of the server for its maximum request size"
    case 431:
      "ask the administrator of the server, or of the proxy in front of it, for its maximum header size"
    default:
      "check URL= in [Server], any proxy or firewall in between, and that the batch import plugin is installed"
    }
  }
}
