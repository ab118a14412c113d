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

  public init(field: String, name: String, file: OpenFile, size: Int64) {
    self.field = field
    self.name = name
    self.file = file
    self.size = size
  }
}

/// The way of an engine to its server: one value for all its transfers.
public struct TransferOptions: Sendable {
  /// User and password of HTTP Basic authentication. It has no description that shows the password.
  public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
  {
    public var user: String
    public var password: String

    /// Takes user and password; in UTF-8, as they are sent.
    public init(user: String, password: String) {
      self.user = user
      self.password = password
    }

    public var description: String { "\(user):***" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
  }

  /// Sent with every request, without waiting to be asked.
  public var credentials: Credentials?
  /// Certificates of the authorities that are trusted (PEM); nil: Debian's bundle.
  public var caFile: String?
  /// Our own certificate and its key (PEM), where the server asks for one.
  public var clientCertificateFile: String?
  public var clientKeyFile: String?
  /// `http://host:port` or another form that libcurl knows; nil: none, whatever the environment says.
  public var proxy: String?
  /// Longest time to find, reach and greet the server.
  public var connectTimeout: Duration
  /// Longest time without a byte moved while sending.
  public var stallTimeout: Duration
  /// Longest time from the end of the request to the end of its answer.
  public var replyTimeout: Duration
  /// How many requests may be under way at once; further ones wait in the order of asking.
  public var maxConnections: Int
  /// Bytes a second that all transfers together may send; nil: as many as go.
  public var bandwidthLimit: Int64?
  /// The `User-Agent` header.
  public var userAgent: String
  /// Called on the engine's thread with each certificate of a server that has answered: when it expires, in seconds since
  /// 1970. libcurl shows it in the handshake anyway.
  public var onCertificate: (@Sendable (Int64) -> Void)?
  /// How long to wait for leave to send a large body (`Expect:`), for not all servers know that question.
  var leaveTimeout = Duration.seconds(1)
  /// How long a kept-alive connection may idle and still be used: less than the 30 s after which servers
  /// commonly close them, so that fewer are found dead.
  var longestIdle = Duration.seconds(20)
  /// Lets libcurl send a request again on its own: only for the test that shows why it must not.
  var allowsResending = false

  /// Begins with the defaults of the configuration.
  public init(
    credentials: Credentials? = nil, caFile: String? = nil, clientCertificateFile: String? = nil,
    clientKeyFile: String? = nil, proxy: String? = nil, connectTimeout: Duration = .seconds(20),
    stallTimeout: Duration = .seconds(120), replyTimeout: Duration = .seconds(600), maxConnections: Int = 4,
    bandwidthLimit: Int64? = nil, userAgent: String = "haplo-importd"
  ) {
    self.credentials = credentials
    self.caFile = caFile
    self.clientCertificateFile = clientCertificateFile
    self.clientKeyFile = clientKeyFile
    self.proxy = proxy
    self.connectTimeout = connectTimeout
    self.stallTimeout = stallTimeout
    self.replyTimeout = replyTimeout
    self.maxConnections = maxConnections
    self.bandwidthLimit = bandwidthLimit
    self.userAgent = userAgent
  }
}
