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
    case 300..<400, 404, 405, 407, 421:
      (
        .wrongAddress, "status \(status): this address does not lead to the batch import API",
        Self.addressRemedy
      )
    case 200 where mediaType == "text/html": page
    case 400 where mediaType == "text/html":
      (.wrongAddress, "status 400 with a page that is not the server's own", Self.addressRemedy)
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

  private static let keyRemedy =
    "put a valid key in the file that APIKeyFile= names and reload; a systemd credential needs a restart"
  private static let throttleRemedy =
    "nothing is sent until the lockout is over; check that the key is the right one for this server"
  private static let permissionRemedy =
    "give the key's user the permission to import data, in the server's administration pages"
  private static let addressRemedy =
    "check URL= in [Server], any proxy in between, and that the batch import plugin is installed"
}
