import CCurl
import Synchronization

/// One call of `send`: the request, and the caller who waits.
final class TransferJob: Sendable {
  let request: TransferRequest
  /// `host:port`, for messages.
  let place: String
  private let cancelled = Atomic(false)
  private let waiting = Mutex<CheckedContinuation<TransferResult, Never>?>(nil)

  /// Fails when the request cannot be sent as it is.
  init(_ request: TransferRequest) throws(TransferFailure) {
    self.request = request
    guard let place = Self.place(of: request.url) else {
      throw TransferFailure(.invalidRequest, at: "", "'\(request.url)' is not an address of http or https")
    }
    self.place = place
    try Self.refuseNUL(request.body, place)
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  func cancel() { cancelled.store(true, ordering: .releasing) }

  /// Notes who waits, before the job is handed to the engine.
  func wait(_ continuation: CheckedContinuation<TransferResult, Never>) {
    waiting.withLock { $0 = continuation }
  }

  /// Ends the call; only the first time counts.
  func finish(_ result: TransferResult) {
    waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }?.resume(returning: result)
  }

  /// A NUL gives a 500 as `%00`, and cannot stand in a multipart field's name.
  private static func refuseNUL(_ body: TransferRequest.Body, _ place: String) throws(TransferFailure) {
    let texts =
      switch body {
      case .none: [String]()
      case .form(let fields): fields.flatMap { [$0.name, $0.value] }
      case .multipart(let fields, let file):
        fields.flatMap { [$0.name, $0.value] } + [file.field, file.name]
      }
    guard let text = texts.first(where: { $0.utf8.contains(0) }) else { return }
    let shown = EntryName(text).description
    throw TransferFailure(.invalidRequest, at: place, "'\(shown)' contains a NUL, which cannot be sent")
  }

  private static func place(of url: String) -> String? {
    guard let parts = unsafe curl_url() else { return nil }
    defer { unsafe curl_url_cleanup(parts) }
    guard unsafe curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = unsafe part(CURLUPART_SCHEME, of: parts), ["http", "https"].contains(scheme),
      let host = unsafe part(CURLUPART_HOST, of: parts), let port = unsafe part(CURLUPART_PORT, of: parts)
    else { return nil }
    return "\(host):\(port)"
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    // CURLU_DEFAULT_PORT
    guard unsafe curl_url_get(url, part, &text, 1) == CURLUE_OK, let text = unsafe text else { return nil }
    defer { unsafe curl_free(text) }
    return unsafe String(cString: text)
  }
}

/// The result of a request.
public enum TransferResult: Sendable, Hashable {
  /// The server answered at least with a status and whole headers.
  case answered(TransferAnswer, sent: TransferSent)
  /// There is no answer.
  case failed(TransferFailure, sent: TransferSent)
}

/// How much of a request the server can have.
public enum TransferSent: Sendable, Hashable {
  /// Nothing left this machine: the connection never stood, or the request was never begun.
  case nothing
  /// Not all of it: the system has not taken the last bytes from us.
  case part
  /// All of it, or so much that it must be assumed.
  case whole
}

/// An HTTP answer as it came.
public struct TransferAnswer: Sendable, Hashable {
  public var status: Int
  /// `Content-Type` with its parameters, as sent.
  public var contentType: String?
  /// `Retry-After` as sent: seconds, a date, or nonsense.
  public var retryAfter: String?
  /// The cookie of each `Set-Cookie`, `NAME=VALUE` without its attributes.
  public var cookies: [String]
  /// The first ``keptBytes`` of the body at most.
  public var body: [UInt8]
  /// False if the body broke off, or was so long that it was cut off here.
  public var isComplete: Bool

  /// How much of a body is kept (64 KiB); the rest is read and dropped, so that the connection stays usable.
  public static let keptBytes = 64 * 1024
  /// An answer that has more bytes than this (1 MiB) is cut off.
  public static let longestBody = 1024 * 1024

  public init(
    status: Int, contentType: String? = nil, retryAfter: String? = nil, cookies: [String] = [],
    body: [UInt8] = [], isComplete: Bool = true
  ) {
    self.status = status
    self.contentType = contentType
    self.retryAfter = retryAfter
    self.cookies = cookies
    self.body = body
    self.isComplete = isComplete
  }
}

/// Why a request has no answer, for people: `research.example.ac.uk:443: certificate has expired`.
public struct TransferFailure: Error, Hashable, Sendable {
  /// The obstacle.
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
    /// The answer is no HTTP.
    case notHTTP
  }

  public var kind: Kind
  /// `host:port`, or the file's path when that is at fault; empty when neither is known.
  public var place: String
  /// The event, and a remedy where there is a clear one.
  public var cause: String
  /// True if the cause ends in what can be done.
  public var hasRemedy: Bool

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
