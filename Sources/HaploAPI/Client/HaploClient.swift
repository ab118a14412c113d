public import ImportCore
public import ImportRuntime
public import ImportSystem

/// Speaks the batch import API of one server (PROTOCOL, "The four steps"): turns one request into one POST,
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
      url: "\(base)/api/haplo-data-import-batch/\(request.question.step.rawValue)",
      body: request.kind.body, longestIdle: request.kind.longestIdle,
      onProgress: request.onProgress)
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
    case .batch(let control, let comment):
      .form([("control", control.hex)] + Self.field("comment", comment))
    case .file(let batch, let key, let file):
      .multipart(fields: [("batch", batch.text), ("name", key)], file: Self.part(file))
    case .schedule(let batch, let mode):
      // Any other value of `mode` than this one is a real import (PROTOCOL).
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
