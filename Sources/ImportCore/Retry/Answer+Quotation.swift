/// Quotes what was received, for the log and for people: escaped, in one line, and capped.
extension Answer {
  /// Status, type and the beginning of the body, such as `status 403, text/html: <html><head>…`. A compressed or
  /// binary body is named with its size and not shown.
  public var quotation: String {
    let type = mediaType.map { ", \(Quotation.text($0.utf8, limit: 60))" } ?? ""
    return "status \(status)\(type): \(quotedBody)"
  }

  private var quotedBody: String {
    let size = bytes.count == 1 ? "1 byte" : "\(bytes.count) bytes"
    if bytes.isEmpty { return "empty body" }
    if bytes.starts(with: [0x1f, 0x8b]) { return "gzip-compressed body (\(size), not decompressed)" }
    if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
      return "zstd-compressed body (\(size), not decompressed)"
    }
    if isBinary { return "binary body (\(size)) that begins \(Quotation.hex(bytes.prefix(8)))" }
    guard let title = pageTitle else { return Quotation.text(bytes) }
    return "page '\(title)': \(Quotation.text(bytes))"
  }

  /// True for a body that no one can read as text: a zero byte, or more than a tenth of control characters. Brotli and
  /// deflate have no signature, and end here.
  private var isBinary: Bool {
    let start = bytes.prefix(512)
    let odd = start.count { $0 < 0x20 && !(0x09...0x0d).contains($0) }
    return start.contains(0) || odd >= 4 && odd * 10 > start.count
  }

  /// What a page calls itself, in one line of at most 100 characters; nil if it has no title.
  var pageTitle: String? {
    guard mediaType == "text/html" else { return nil }
    let page = body
    guard let start = page.firstRange(of: "<title>"),
      let end = page[start.upperBound...].firstRange(of: "</title>")
    else { return nil }
    let title = Quotation.text(page[start.upperBound..<end.lowerBound].utf8, limit: 100)
    return title.isEmpty ? nil : title
  }

  /// A few words for people: the body's first line if it is plain text, else what the status means.
  var summary: String {
    let line = body.split(whereSeparator: \.isNewline).first.map { Quotation.text($0.utf8, limit: 200) } ?? ""
    if mediaType == "text/plain", !line.isEmpty, !isBinary, !bytes.starts(with: [0x1f, 0x8b]) { return line }
    guard let phrase = Self.phrases[status] else { return quotation }
    return "\(phrase) (\(quotation))"
  }

  /// All lines of an answer in the server's own words, with control characters escaped, up to 4,000 bytes.
  var lines: String {
    let kept = bytes.prefix(4000)
    let lines = kept.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.map { Quotation.line($0) }.joined(separator: "\n") + (kept.count < bytes.count ? "…" : "")
  }

  private static let phrases: [Int: String] = [
    408: "Request timeout", 429: "Too many requests", 500: "Internal server error", 502: "Bad gateway",
    503: "Service unavailable", 504: "Gateway timeout",
  ]
}

/// Escapes bytes from outside so that they can neither forge a line nor hide anything.
private enum Quotation {
  /// The most characters of a body that are quoted.
  static let limit = 300

  /// The bytes as one line of at most `limit` characters, each run of white space as one space.
  static func text(_ bytes: some Collection<UInt8>, limit: Int = limit) -> String {
    // No character has more than four bytes; white space between words may be of any length.
    let start = Array(bytes.prefix(limit * 16))
    let words = start.split { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let escaped = words.map { line($0) }.joined(separator: " ").unicodeScalars
    var text = String(String.UnicodeScalarView(escaped.prefix(limit)))
    if escaped.count > limit || start.count < bytes.count { text += "…" }
    return text
  }

  /// The bytes as they are, but for control, formatting and separating characters and what is not UTF-8, which become
  /// `\xHH` byte by byte.
  static func line(_ bytes: some Collection<UInt8>) -> String {
    var result = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
      let piece = rest.prefix(length)
      if let scalar = String(validating: piece, as: UTF8.self)?.unicodeScalars.first, !isHidden(scalar) {
        result.unicodeScalars.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        let bad = String(validating: piece, as: UTF8.self) == nil ? rest.prefix(1) : piece
        for byte in bad { result += "\\x" + hex([byte]) }
        rest = rest.dropFirst(bad.count)
      }
    }
    return result
  }

  /// Two capital digits a byte, separated by spaces.
  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: " ")
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}

/// An answer of something in front of the server, or of another server.
public struct ForeignAnswer: Hashable, Sendable {
  /// The answer, quoted, with a remedy for a person.
  public var reason: Reason
  /// The pause that `Retry-After` asks for.
  public var after: Duration?
  /// True if this set's file may have been received all the same.
  public var batchLost: Bool
  /// True if no repetition can succeed.
  public var isPermanent: Bool

  /// The verdict if a probe got the same kind of answer: it concerns all requests.
  public var concerningServer: Verdict { .stop(.wrongAddress, reason, batchLost: batchLost) }

  /// The verdict if a probe passed, or told nothing: it concerns this request.
  public var concerningRequest: Verdict {
    if isPermanent { return .hold(reason) }
    return batchLost ? .newBatch(reason, after: after) : .again(reason, after: after)
  }

  /// The remedy for an answer that is not recognisably the server's own.
  static func remedy(for answer: Answer) -> String {
    switch answer.status {
    case 400 where answer.pageTitle?.contains("SSL certificate") == true:
      "set ClientCertificateFile= and ClientKeyFile= in [Server] to a certificate that is accepted there and its key"
    case 401, 403, 406, 411, 412, 415, 422, 451:
      "ask the administrator of the proxy or firewall in front of the server why it refuses this request"
    case 407: "set Proxy= in [Server] to http://USER:PASSWORD@HOST:PORT"
    case 413: "ask the administrator of the proxy in front of the server for its maximum request size"
    case 431:
      "ask the administrator of the server, or of the proxy in front of it, for its maximum header size"
    case 404:
      "check the host name in URL= in [Server], any proxy or firewall in between, and that the batch import plugin is installed"
    default:
      "check URL= in [Server], any proxy or firewall in between, and that the batch import plugin is installed"
    }
  }
}
