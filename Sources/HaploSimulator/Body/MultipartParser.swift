import CMicrohttpd

/// Takes a multipart/form-data body apart as it comes, in pieces of any size (RFC 7578, RFC 2046). It is
/// written apart from every client, so that client and simulator check each other.
///
/// What a part holds is handed on in slices and never kept; at most a delimiter's length waits for the next
/// piece. The delimiter is searched by memmem(3).
struct MultipartParser {
  enum Event {
    case partBegan(PartHeader)
    case data(UnsafeRawBufferPointer)
    case partEnded
  }

  private enum State { case preamble, part, delimiterEnd, header, finished, malformed }

  static let headerLimit = 16 * 1024

  private let delimiter: [UInt8]
  // The body's first delimiter has no line break before it; with this one all delimiters are alike.
  private var pending: [UInt8] = [0x0d, 0x0a]
  private var state = State.preamble

  init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

  /// Whether the closing delimiter has come. At the end of the body, false means truncated or malformed.
  var isComplete: Bool { state == .finished }

  mutating func consume(_ piece: UnsafeRawBufferPointer, _ emit: (Event) -> Void) {
    guard state != .finished, state != .malformed else { return }
    pending.append(contentsOf: piece.assumingMemoryBound(to: UInt8.self))
    var used = 0
    pending.withUnsafeBytes { bytes in
      while let taken = step(UnsafeRawBufferPointer(rebasing: bytes[used...]), emit) { used += taken }
    }
    pending.removeFirst(used)
  }

  /// Takes one step from the front of what is there: the bytes used, or nil when more must come first.
  private mutating func step(_ bytes: UnsafeRawBufferPointer, _ emit: (Event) -> Void) -> Int? {
    switch state {
    case .preamble, .part: content(bytes, emit)
    case .delimiterEnd: delimiterEnd(bytes)
    case .header: header(bytes, emit)
    case .finished, .malformed: nil
    }
  }

  private mutating func content(_ bytes: UnsafeRawBufferPointer, _ emit: (Event) -> Void) -> Int? {
    let found = position(of: delimiter, in: bytes)
    let count = found ?? max(0, bytes.count - (delimiter.count - 1))
    if state == .part, count > 0 { emit(.data(UnsafeRawBufferPointer(rebasing: bytes[..<count]))) }
    guard found != nil else { return count > 0 ? count : nil }
    if state == .part { emit(.partEnded) }
    state = .delimiterEnd
    return count + delimiter.count
  }

  private mutating func delimiterEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 2 else { return nil }
    switch (bytes[0], bytes[1]) {
    case (UInt8(ascii: "-"), UInt8(ascii: "-")): state = .finished
    case (0x0d, 0x0a): state = .header
    case (0x20, _), (0x09, _): return 1
    default: state = .malformed
    }
    // The line break stays: with it, the end of the headers looks the same when there are none.
    return 0
  }

  private mutating func header(_ bytes: UnsafeRawBufferPointer, _ emit: (Event) -> Void) -> Int? {
    guard let end = position(of: Array("\r\n\r\n".utf8), in: bytes) else {
      if bytes.count > Self.headerLimit { state = .malformed }
      return nil
    }
    let lines = end > 2 ? String(decoding: bytes[2..<end], as: UTF8.self) : ""
    guard let header = PartHeader(lines) else {
      state = .malformed
      return nil
    }
    emit(.partBegan(header))
    state = .part
    return end + 4
  }

  private func position(of wanted: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = bytes.baseAddress else { return nil }
    guard let found = haplo_find(start, bytes.count, wanted, wanted.count) else { return nil }
    return found - start
  }
}

/// Says what a part of a multipart body is: a text field or a file (docs/server.md).
struct PartHeader: Equatable {
  let name: String
  /// The file's name without directories; nil makes the part a text field.
  let filename: String?

  /// Reads a part's header lines; nil when none of them names the part.
  init?(_ lines: String) {
    guard let disposition = Self.field("content-disposition", in: lines) else { return nil }
    let parameters = Self.parameters(of: disposition)
    guard let name = parameters["name"] else { return nil }
    self.name = name
    filename = parameters["filename"].flatMap(Self.lastComponent)
  }

  /// Everything up to the last `/` or `\` is cut; what is then empty is no file name.
  static func lastComponent(_ path: String) -> String? {
    let name = path.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last
    guard let name, !name.isEmpty else { return nil }
    return String(name)
  }

  private static func field(_ wanted: String, in lines: String) -> String? {
    for line in lines.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      if line[..<colon].lowercased() == wanted { return String(line[line.index(after: colon)...]) }
    }
    return nil
  }

  /// Splits `form-data; name="a"; filename="b;c"`; quotes protect everything but themselves.
  private static func parameters(of value: String) -> [String: String] {
    var found: [String: String] = [:]
    for piece in splitOutsideQuotes(value).dropFirst() {
      guard let equals = piece.firstIndex(of: "=") else { continue }
      var text = trimmed(piece[piece.index(after: equals)...])
      if text.first == "\"" { text = text.dropFirst().prefix { $0 != "\"" } }
      found[trimmed(piece[..<equals]).lowercased()] = String(text)
    }
    return found
  }

  private static func splitOutsideQuotes(_ value: String) -> [Substring] {
    var quoted = false
    return value.split(omittingEmptySubsequences: false) { character in
      if character == "\"" { quoted.toggle() }
      return character == ";" && !quoted
    }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
