import FoundationEssentials
import ImportCore
import ImportSystem

extension Answer {
  /// Reduces an answer to what decides: the media type without parameters in lower case, the body as text.
  init(_ answer: TransferAnswer, now: Timestamp) {
    self.init(
      status: answer.status, mediaType: answer.contentType.flatMap(Self.mediaType),
      bytes: answer.body, isComplete: answer.isComplete,
      retryAfter: answer.retryAfter.flatMap { RetryAfter.delay($0, now: now) })
  }

  private static func mediaType(_ contentType: String) -> String? {
    let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
    return type.isEmpty ? nil : type
  }
}

/// Reads `Retry-After` (RFC 9110, 10.2.3). It comes from anything between here and the server, and may be
/// in the past, absurd or nonsense.
enum RetryAfter {
  /// No server means more than a day; the backoff has bounds of its own below that.
  static let longest = Duration.seconds(86_400)

  /// Takes whole seconds or an HTTP date; nil for the past and for nonsense. What is absurdly long is a day.
  static func delay(_ text: String, now: Timestamp) -> Duration? {
    if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      return Int64(text).map { min(.seconds($0), longest) } ?? longest
    }
    guard let delay = date(text)?.since(now), delay > .zero else { return nil }
    return min(delay, longest)
  }

  /// Reads the one form of a date that may be sent: `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func date(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0].utf8.count == 4, parts[0].hasSuffix(","), parts[5] == "GMT",
      parts[1].utf8.count == 2, parts[3].utf8.count == 4, parts[4].utf8.count == 8,
      let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    return Timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
