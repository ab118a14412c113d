public import ImportCore
public import ImportRuntime
import ImportSystem

/// Fetches the server's jobs pages. A seam for tests, as ``Transport`` is for the API.
public protocol PageTransport: Sendable {
  /// Sends one GET request, at most once, with the session's cookie if there is one. `receive` takes the body of an answer
  /// with status 200 as it arrives, on another thread, and ends the transfer by returning false.
  func get(_ path: String, cookie: String?, _ receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool)
    async -> PageReply
}

/// Answer to a request for a page; its body went to the receiver.
public struct PageReply: Sendable, Hashable {
  /// HTTP status; nil without an answer.
  public var status: Int?
  /// Media type in lower case, without parameters.
  public var mediaType: String?
  /// True if the whole body came.
  public var isComplete: Bool
  /// Cookies of the answer's `Set-Cookie` headers, `NAME=VALUE`.
  public var cookies: [String]
  /// Why there is no answer.
  public var failure: String?

  public init(
    status: Int?, mediaType: String? = nil, isComplete: Bool = true, cookies: [String] = [],
    failure: String? = nil
  ) {
    self.status = status
    self.mediaType = mediaType
    self.isComplete = isComplete
    self.cookies = cookies
    self.failure = failure
  }
}

/// Fetches pages by HTTP, with a connection of its own, so that no upload ever waits for a page.
public struct HTTPPages: PageTransport {
  private let base: String
  private let engine: TransferEngine

  /// Takes the server's address as in `URL=`. `engine` has the outcome key.
  init(url: String, engine: TransferEngine) {
    base = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.engine = engine
  }

  public func get(
    _ path: String, cookie: String?, _ receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
  ) async -> PageReply {
    var request = TransferRequest(url: base + path, body: .none)
    request.cookie = cookie
    request.onBody = receive
    switch await engine.send(request) {
    case .failed(let failure, _):
      return PageReply(status: nil, isComplete: false, failure: failure.description)
    case .answered(let answer, _):
      let type = answer.contentType?.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
      return PageReply(
        status: answer.status, mediaType: type, isComplete: answer.isComplete, cookies: answer.cookies)
    }
  }
}

extension LoadedConfiguration {
  /// Makes the way to the jobs pages; nil without an outcome key. Throws as ``makeTransport(replyTimeout:)`` does.
  public func makePages() throws -> (any PageTransport)? {
    try outcomeKey.map { try configuration.makePages($0) }
  }
}

extension Configuration {
  /// Longest time for one page: the server writes a list of 20,000 batches in one or two seconds.
  private static let patience = Duration.seconds(60)

  /// Makes the way to the jobs pages, whose answers may take a minute unless `replyTimeout` says otherwise. Throws as
  /// ``LoadedConfiguration/makeTransport(replyTimeout:)`` does.
  public func makePages(_ outcomeKey: APIKey, replyTimeout: Duration? = nil) throws -> any PageTransport {
    try ReferencedFiles.checkForTLS(self)
    let options = TransferOptions(
      credentials: .init(user: "haplo", password: outcomeKey.secret), caFile: server.caFile,
      clientCertificateFile: server.clientCertificateFile, clientKeyFile: server.clientKeyFile,
      proxy: server.proxy, connectTimeout: server.connectTimeout, stallTimeout: server.stallTimeout,
      replyTimeout: replyTimeout ?? min(server.replyTimeout, Self.patience), maxConnections: 1,
      userAgent: "haplo-importd/\(Version.text)")
    return HTTPPages(url: server.url, engine: try TransferEngine(options))
  }
}
