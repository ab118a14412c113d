/// Holds what a request's body said.
struct Parameters {
  /// The longest text parameter in bytes; over it, the server answers 500 `Request size limit exceeded`.
  static let textLimit = 64 * 1024

  var texts: [String: String] = [:]
  var files: [String: ReceivedFile] = [:]

  /// Looks up a text parameter; an empty one counts as missing.
  func text(_ name: String) -> String? {
    guard let value = texts[name], !value.isEmpty else { return nil }
    return value
  }
}

/// A file of a multipart body after its last byte.
struct ReceivedFile {
  let filename: String
  let digest: String
  let size: Int64
  /// The bytes, where they were asked for (control files); nil when there were more than allowed.
  let content: [UInt8]?
}
