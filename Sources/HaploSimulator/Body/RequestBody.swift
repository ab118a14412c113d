/// Reads a request's body in the manner its Content-Type asks for.
enum RequestBody {
  case ignored
  case form(FormBody)
  case multipart(MultipartBody)

  init(of head: RequestHead, wantsContent: Bool, keepIn: String?) {
    if head.isMultipart {
      let type = head.contentType ?? ""
      self = .multipart(MultipartBody(contentType: type, wantsContent: wantsContent, keepIn: keepIn))
    } else {
      self = head.isForm ? .form(FormBody()) : .ignored
    }
  }

  mutating func consume(_ piece: UnsafeRawBufferPointer) {
    switch self {
    case .ignored: break
    case .multipart(let body): body.consume(piece)
    case .form(var form):
      self = .ignored  // so that the bytes are not copied
      form.consume(piece)
      self = .form(form)
    }
  }

  func read() -> BodyReading {
    switch self {
    case .ignored: .parameters(Parameters())
    case .multipart(let body): body.read()
    case .form(let form): form.read()
    }
  }
}

/// What came of a body.
enum BodyReading {
  case parameters(Parameters)
  /// Malformed, truncated, a form over 1 MiB or with a NUL: the server answers 500.
  case broken
  /// A text parameter over 64 KiB: the server answers 500 with words of its own.
  case valueTooLong
}

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

/// Collects an application/x-www-form-urlencoded body, of at most 1 MiB, and takes it apart.
struct FormBody {
  static let limit = 1024 * 1024

  private var bytes: [UInt8] = []
  private var isTooLong = false

  mutating func consume(_ piece: UnsafeRawBufferPointer) {
    guard !isTooLong, bytes.count + piece.count <= Self.limit else {
      isTooLong = true
      bytes = []
      return
    }
    bytes.append(contentsOf: piece.assumingMemoryBound(to: UInt8.self))
  }

  /// Splits on `&` only. Raw non-ASCII voids the whole body: it has no parameters then.
  func read() -> BodyReading {
    if isTooLong { return .broken }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return .parameters(Parameters()) }
    var found: [String: String] = [:]
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let value = Self.decoded(pair[equals...].dropFirst())
      if value.contains(0) { return .broken }
      if value.count > Parameters.textLimit { return .valueTooLong }
      found[String(decoding: Self.decoded(pair[..<equals]), as: UTF8.self)] =
        String(decoding: value, as: UTF8.self)
    }
    return .parameters(Parameters(texts: found))
  }

  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): result.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.first.flatMap(hexDigit), let low = rest.dropFirst().first.flatMap(hexDigit)
        else {
          result.append(byte)
          continue
        }
        result.append(high << 4 | low)
        rest = rest.dropFirst(2)
      default: result.append(byte)
      }
    }
    return result
  }
}
