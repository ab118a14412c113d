extension Question {
  /// Recognises answers that concern the server and not the set: the key, the permission, the address.
  func refusal(_ answer: Answer, sent: BodySent) -> Verdict? {
    guard let (stop, text, remedy) = answer.refusal else { return nil }
    return .stop(stop, reason(text, remedy: remedy, http: answer.status), batchLost: losesBatch(answer, sent))
  }

  /// A refusal of the server itself came before it took anything. A page from something in front of it says
  /// nothing about a file that was sent whole.
  private func losesBatch(_ answer: Answer, _ sent: BodySent) -> Bool {
    guard case .file = self, sent == .whole else { return false }
    return !(answer.status == 403 || answer.isNotPermitted)
  }
}

extension Answer {
  /// The page of a server that knows the key and lacks its permission. It comes with status 200.
  var isNotPermitted: Bool { body.contains("You are not permitted to perform this action.") }

  /// Why this server is to be left alone, in which words, and what a person can do; nil if it is not.
  var refusal: (ServerStop, String, String)? {
    switch status {
    case 401, 403: forbidden
    case 407:
      (.wrongAddress, "status 407: a proxy in between wants user and password", Self.proxyRemedy)
    case 300..<400, 404, 405, 421:
      (
        .wrongAddress, "status \(status): this address does not lead to the batch import API",
        Self.addressRemedy
      )
    case 200 where mediaType == "text/html": page
    case 400 where mediaType == "text/html": foreignPage
    default: nil
    }
  }

  private var forbidden: (ServerStop, String, String) {
    if body.contains("\"THROTTLE\"") {
      return (.throttled, "the server refuses this address after too many wrong keys", Self.throttleRemedy)
    }
    if body.contains("\"INVALID-API-KEY\"") { return (.keyRefused, "Invalid API Key", Self.keyRemedy) }
    if body.contains("\"UNAUTHORISED\"") {
      return (.keyRefused, "the user of this API key is blocked (UNAUTHORISED)", Self.keyRemedy)
    }
    return (
      .keyRefused, mediaType == "text/html" ? "Request denied for security reasons" : summary, Self.keyRemedy
    )
  }

  private var page: (ServerStop, String, String) {
    isNotPermitted
      ? (.notPermitted, "You are not permitted to perform this action.", Self.permissionRemedy)
      : (.notPermitted, "status 200 with a page of HTML where a plain answer should be", Self.addressRemedy)
  }

  /// nginx, for one, says only there that it wants a certificate of ours, or TLS.
  private var foreignPage: (ServerStop, String, String) {
    let title = pageTitle.map { ": \($0)" } ?? ""
    let isAboutCertificates = title.contains("SSL certificate")
    return (
      .wrongAddress, "status 400 with a page that is not the server's own" + title,
      isAboutCertificates ? Self.certificateRemedy : Self.addressRemedy
    )
  }

  /// What a page calls itself, in one line of at most 100 characters; nil if it has no title.
  private var pageTitle: String? {
    guard let start = body.firstRange(of: "<title>"),
      let end = body[start.upperBound...].firstRange(of: "</title>")
    else { return nil }
    let words = body[start.upperBound..<end.lowerBound].split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : String(words.joined(separator: " ").prefix(100))
  }

  private static let keyRemedy =
    "put a valid key in the file that APIKeyFile= names and reload; a systemd credential needs a restart"
  private static let throttleRemedy =
    "nothing is sent until the lockout is over; check that the key is the right one for this server"
  private static let permissionRemedy =
    "give the key's user the permission to import data, in the server's administration pages"
  private static let certificateRemedy =
    "name a certificate that is accepted there, and its key: ClientCertificateFile= and ClientKeyFile= in [Server]"
  private static let proxyRemedy =
    "write both into Proxy= in [Server]: http://USER:PASSWORD@HOST:PORT"
  private static let addressRemedy =
    "check URL= in [Server], any proxy in between, and that the batch import plugin is installed"
}
