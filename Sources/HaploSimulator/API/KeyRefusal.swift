/// Why a request with an API key is refused: the `kind` of the server's JSON.
enum KeyRefusal: String, Sendable {
  case invalidKey = "INVALID-API-KEY"
  case blockedUser = "UNAUTHORISED"
  case throttled = "THROTTLE"

  var message: String {
    switch self {
    case .invalidKey: "Invalid API Key"
    case .blockedUser: "Unauthorised"
    case .throttled: "Too many failed attempts"
    }
  }
}
