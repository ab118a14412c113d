public import ImportCore
public import ImportSystem

/// A file that is to be sent, as it was judged and hashed.
public struct UploadFile: Sendable {
  public var file: OpenFile
  /// The name it was dropped under.
  public var name: String
  /// Bytes.
  public var size: Int64
  public var digest: SHA256Digest

  public init(file: OpenFile, name: String, size: Int64, digest: SHA256Digest) {
    self.file = file
    self.name = name
    self.size = size
    self.digest = digest
  }
}

/// One of the four requests of the batch import API, with everything it needs.
public struct ServerRequest: Sendable {
  public enum Kind: Sendable {
    case control(UploadFile, comment: String?)
    case batch(control: SHA256Digest, comment: String?)
    case file(batch: BatchID, key: String, UploadFile)
    case schedule(batch: BatchID, mode: ImportMode)
  }

  public var kind: Kind
  /// Told how many bytes of the body are on their way, from the sending thread: must not block.
  public var onProgress: (@Sendable (Int64) -> Void)?

  public init(_ kind: Kind, onProgress: (@Sendable (Int64) -> Void)? = nil) {
    self.kind = kind
    self.onProgress = onProgress
  }

  /// What its answer is to be judged by.
  public var question: Question {
    switch kind {
    case .control(let file, _): .control(file.digest)
    case .batch(let control, _): .batch(control: control)
    case .file(let batch, let key, let file): .file(key: key, file.digest, batch: batch)
    case .schedule(let batch, _): .schedule(batch)
    }
  }
}

/// Asks the server one question, once. One of the three seams for tests.
public protocol Transport: Sendable {
  /// Performs one request, never more than once, and returns what came of it. Cancelling the task ends it, with
  /// how much was sent.
  func perform(_ request: ServerRequest) async -> Exchange
  /// When the certificate expires that the server showed last; nil before, and without TLS.
  var certificateExpiry: Timestamp? { get }
}

extension Transport {
  /// Nil: for servers without TLS.
  public var certificateExpiry: Timestamp? { nil }
}

/// The `filename` that the server is told. It is for people only (the name that counts is the key), but an
/// empty one, or one that ends in `/` or `\`, would turn the file's part into a text field, everything up to
/// the last of them is cut off, and `"` and `\` are not safe there (docs/server.md).
enum UploadName {
  /// Replaces what is not safe by `_`; all else, spaces and UTF-8 included, stays.
  static func safe(_ name: String) -> String {
    var safe = String.UnicodeScalarView()
    for scalar in name.unicodeScalars { safe.append(isSafe(scalar) ? scalar : "_") }
    return safe.isEmpty ? "file" : String(safe)
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "/", "\\", "\"": false
    case let scalar: !scalar.isControl
    }
  }
}
