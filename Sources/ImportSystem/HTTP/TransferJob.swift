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
