import FoundationEssentials
public import ImportCore
public import ImportRuntime
public import ImportSystem
import Synchronization

/// Speaks the batch import API of one server (docs/server.md, "The four steps"): turns one request into one POST,
/// and its result into an ``Exchange``. It judges nothing and repeats nothing.
public struct HaploClient: Transport {
  private let base: String
  private let engine: TransferEngine
  private let time: any Time
  private let certificate: SeenCertificate?

  /// Takes the server's address as in `URL=`, with or without a slash at its end. A date in `Retry-After` is
  /// measured by the calendar clock of `time`. `certificate` is what the engine's ``TransferOptions/onCertificate`` reports to.
  public init(
    url: String, engine: TransferEngine, time: any Time = SystemTime(), certificate: SeenCertificate? = nil
  ) {
    base = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.engine = engine
    self.time = time
    self.certificate = certificate
  }

  public var certificateExpiry: Timestamp? { certificate?.expiry }

  public func perform(_ request: ServerRequest) async -> Exchange {
    exchange(await engine.send(transfer(request)))
  }

  private func transfer(_ request: ServerRequest) -> TransferRequest {
    TransferRequest(
      url: "\(base)/api/haplo-data-import-batch/\(request.question.step.rawValue)", body: request.kind.body,
      longestIdle: request.kind.longestIdle, onProgress: request.onProgress)
  }

  private func exchange(_ result: TransferResult) -> Exchange {
    switch result {
    case .answered(let answer, let sent): .answered(Answer(answer, now: time.now), sent: BodySent(sent))
    case .failed(let failure, let sent):
      .failed(failure.description, sent: BodySent(sent), hasRemedy: failure.hasRemedy)
    }
  }
}

extension ServerRequest.Kind {
  var body: TransferRequest.Body {
    switch self {
    case .control(let file, let comment):
      .multipart(fields: Self.field("comment", comment), file: Self.part(file))
    case .batch(let control, let comment): .form([("control", control.hex)] + Self.field("comment", comment))
    case .file(let batch, let key, let file):
      .multipart(fields: [("batch", batch.text), ("name", key)], file: Self.part(file))
    case .schedule(let batch, let mode):
      // Any other value of `mode` than this one is a real import (docs/server.md).
      .form([("batch", batch.text)] + Self.field("mode", mode.parameter))
    }
  }

  /// The one request that stays in doubt without an answer takes a kept-alive connection only if that has just answered:
  /// servers close theirs after seconds of silence (docs/decisions/0009-connection-of-schedule.md).
  var longestIdle: Duration? {
    if case .schedule = self { .seconds(1) } else { nil }
  }

  private static func field(_ name: String, _ value: String?) -> [(name: String, value: String)] {
    value.map { [(name, $0)] } ?? []
  }

  private static func part(_ file: UploadFile) -> TransferFile {
    TransferFile(field: "file", name: UploadName.safe(file.name), file: file.file, size: file.size)
  }
}

extension BodySent {
  init(_ sent: TransferSent) {
    switch sent {
    case .nothing: self = .nothing
    case .part: self = .part
    case .whole: self = .whole
    }
  }
}

extension Answer {
  /// Reduces an answer to what decides: the media type without parameters in lower case, the body as text.
  init(_ answer: TransferAnswer, now: Timestamp) {
    self.init(
      status: answer.status, mediaType: answer.contentType.flatMap(Self.mediaType), bytes: answer.body,
      isComplete: answer.isComplete, retryAfter: answer.retryAfter.flatMap { RetryAfter.delay($0, now: now) })
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

extension LoadedConfiguration {
  /// Makes a client that reaches the configured server by HTTP, and waits for answers as long as configured unless
  /// `replyTimeout` says otherwise. Throws ``ConfigurationFailure`` when a file that TLS needs cannot be read, and
  /// ``SystemError`` when no thread can be had.
  public func makeTransport(replyTimeout: Duration? = nil) throws -> any Transport {
    try ReferencedFiles.checkForTLS(configuration)
    let server = configuration.server
    let certificate = SeenCertificate()
    var options = TransferOptions(
      credentials: .init(user: "haplo", password: key.secret), caFile: server.caFile,
      clientCertificateFile: server.clientCertificateFile, clientKeyFile: server.clientKeyFile,
      proxy: server.proxy, connectTimeout: server.connectTimeout, stallTimeout: server.stallTimeout,
      replyTimeout: replyTimeout ?? server.replyTimeout, maxConnections: server.maxConnections,
      bandwidthLimit: server.bandwidthLimit, userAgent: "haplo-importd/\(Version.text)")
    options.onCertificate = { certificate.see($0) }
    return HaploClient(url: server.url, engine: try TransferEngine(options), certificate: certificate)
  }
}

/// Remembers when the certificate expires that the server showed last.
public final class SeenCertificate: Sendable {
  private let seconds = Mutex<Int64?>(nil)

  public init() {}

  /// The end of its validity; nil before the first connection.
  public var expiry: Timestamp? { seconds.withLock { $0 }.map { Timestamp(secondsSince1970: $0) } }

  /// Takes seconds since 1970.
  public func see(_ end: Int64) { seconds.withLock { $0 = end } }
}

extension Timestamp {
  fileprivate init(secondsSince1970 seconds: Int64) {
    let (microseconds, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
    self.init(microseconds: isTooLarge ? .max : microseconds)
  }
}

extension Configuration {
  /// When the certificate of `ClientCertificateFile=` expires; nil without one, or if it cannot be read. Blocks.
  public func clientCertificateExpiry(_ fileSystem: FileSystem = FileSystem()) -> Timestamp? {
    guard let path = server.clientCertificateFile,
      let bytes = try? fileSystem.openFile(path, for: "configuration").readAll(atMost: 1 << 20)
    else { return nil }
    return CertificateExpiry.seconds(ofPEM: bytes).map { Timestamp(secondsSince1970: $0) }
  }
}
