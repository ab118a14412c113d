/// An answer as it goes out: status, media type, body, and what else a fault adds.
struct HTTPAnswer: Equatable, Sendable {
  var status: Int
  var mediaType: String
  var body: String
  /// Further header lines (Retry-After, Location).
  var headers: [String: String] = [:]
}

/// What becomes of a connection after a request, or a part of one, was looked at.
enum Reply {
  /// Goes on reading.
  case proceed
  case answer(HTTPAnswer)
  /// Announces the whole answer, sends half of its body, and cuts the connection.
  case half(HTTPAnswer)
  /// Cuts the connection.
  case cut
}
