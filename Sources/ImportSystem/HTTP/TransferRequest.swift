/// One request: a POST with a body, or a GET.
@safe public struct TransferRequest: Sendable {
  /// What is sent.
  public enum Body: Sendable {
    /// Nothing, with the method GET.
    case none
    /// `application/x-www-form-urlencoded`, values percent-encoded as UTF-8.
    case form([(name: String, value: String)])
    /// `multipart/form-data`: the fields, then the file.
    case multipart(fields: [(name: String, value: String)], file: TransferFile)
  }

  /// The whole address; `http` or `https`.
  public var url: String
  public var body: Body
  /// How long a kept-alive connection may have idled to be taken for this request, in whole seconds; zero: on a connection
  /// of its own. nil: as long as for all requests.
  public var longestIdle: Duration?
  /// `NAME=VALUE`, sent as the header `Cookie`.
  public var cookie: String?
  /// Takes the body of an answer with status 200 piece by piece, of any length, on the engine's thread: must not block.
  /// False ends the transfer, and its answer is then incomplete.
  public var onBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
  /// Told how many bytes of the body the system has taken so far, on the engine's thread: must not block.
  public var onProgress: (@Sendable (Int64) -> Void)?

  /// Describes a request.
  public init(
    url: String, body: Body, longestIdle: Duration? = nil, onProgress: (@Sendable (Int64) -> Void)? = nil
  ) {
    self.url = url
    self.body = body
    self.longestIdle = longestIdle
    self.onProgress = onProgress
  }
}

/// A file as a part of a multipart body. It is read through its descriptor while it is sent.
public struct TransferFile: Sendable {
  /// The name of the form's field.
  public var field: String
  /// The `filename` that the server is told. `"` and line ends are escaped as HTML forms do.
  public var name: String
  public var file: OpenFile
  /// Exactly how many bytes the file has; one that turns out shorter or longer fails the transfer.
  public var size: Int64

  /// Describes a file's part.
  public init(field: String, name: String, file: OpenFile, size: Int64) {
    self.field = field
    self.name = name
    self.file = file
    self.size = size
  }
}
