/// A JSON text (RFC 8259) as it was read: its value, if it has one, and all that is wrong with it. Stricter than
/// the usual readers: a key that stands twice and a byte order mark are findings, not surprises, and nesting is
/// limited, so that no text can exhaust the stack.
public struct JSONText: Sendable {
  /// Arrays and objects inside one another, at most.
  public static let deepest = 512

  /// The value; nil where the text is not well-formed.
  public let value: JSONValue?
  /// What is wrong, in the order of the text. A text that is not well-formed is read up to its first error.
  public let findings: [TextFinding]

  /// Reads a whole text.
  public init(_ bytes: [UInt8]) {
    let places = TextPlaces(bytes)
    guard let wrong = Self.firstByteOutsideUTF8(bytes) else {
      (value, findings) = Self.read(bytes, places)
      return
    }
    value = nil
    findings = [places.finding(at: wrong, "the text is not UTF-8")]
  }

  private static func read(_ bytes: [UInt8], _ places: TextPlaces) -> (JSONValue?, [TextFinding]) {
    var reader = JSONReader(bytes)
    var value: JSONValue?
    do throws(JSONReader.Problem) {
      value = try reader.readDocument()
    } catch {
      reader.problems.append(error)
    }
    return (value, reader.problems.map { places.finding(at: $0.offset, $0.message) })
  }

  private static func firstByteOutsideUTF8(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var decoder = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let encoded): offset += encoded.count
      case .error, .emptyInput: return offset
      }
    }
  }
}
