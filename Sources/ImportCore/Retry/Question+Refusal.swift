extension Question {
  /// Recognises the server's own refusals of the key and its permission. They come before the server works on a
  /// request, so nothing of a file was received.
  func refusal(_ answer: Answer) -> Verdict? {
    guard let (stop, text, remedy) = answer.refusal else { return nil }
    return .stop(stop, reason(text, remedy: remedy, http: answer.status), batchLost: false)
  }
}

extension Answer {
  /// Why the server refuses all requests, in its own words, and what a person can do; nil if these are not its words.
  fileprivate var refusal: (ServerStop, String, String)? {
    switch (status, mediaType) {
    case (403, "application/json"): refusalInJSON
    case (403, "text/html"): refusalPage
    case (403, "text/plain") where body == "Unauthorised":
      (.keyRefused, "Unauthorised: the request arrived without an API key", Self.keyRemedy)
    case (200, "text/html") where body.contains(Self.notPermitted):
      (.notPermitted, Self.notPermitted, Self.permissionRemedy)
    default: nil
    }
  }

  /// The server names the kind only to a multipart request.
  private var refusalInJSON: (ServerStop, String, String)? {
    let text = body.filter { !$0.isWhitespace }
    guard text.contains(#""success":false"#) else { return nil }
    if text.contains(#""kind":"THROTTLE""#) {
      return (.throttled, "the server refuses this address after too many wrong keys", Self.throttleRemedy)
    }
    if text.contains(#""kind":"INVALID-API-KEY""#) { return (.keyRefused, "Invalid API Key", Self.keyRemedy) }
    if text.contains(#""kind":"UNAUTHORISED""#) {
      return (.keyRefused, "the user of this API key is blocked (UNAUTHORISED)", Self.keyRemedy)
    }
    return nil
  }

  private var refusalPage: (ServerStop, String, String)? {
    guard body.contains(Self.denied) else { return nil }
    return (.keyRefused, Self.denied, Self.keyRemedy)
  }

  private static let denied = "Request denied for security reasons"
  private static let notPermitted = "You are not permitted to perform this action."
  private static let keyRemedy =
    "write a valid key to the file that APIKeyFile= names and reload; a systemd credential needs a restart"
  private static let throttleRemedy =
    "wait: nothing is sent until the lockout has ended; check that the key is the right one for this server"
  private static let permissionRemedy =
    "give the key's user the permission to import data, in the server's administration pages"
}
