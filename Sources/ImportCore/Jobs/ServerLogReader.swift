/// Finds the job's log in a batch's page as it arrives (`<h2 id="import-log">…<pre>TEXT</pre>`), and gives its text with
/// entities replaced. The memory does not grow with the log.
public struct ServerLogReader: Sendable {
  private enum Place {
    case beforeHeading, beforeText, inText, behind
  }

  private static let heading = Array("id=\"import-log\"".utf8)
  private static let opening = Array("<pre>".utf8)
  private static let closing = Array("</pre".utf8)
  /// An entity has at most so many bytes.
  private static let longestEntity = 12

  private var place = Place.beforeHeading
  /// Number of bytes of the mark that have matched.
  private var matched = 0
  /// Bytes that may be an entity or the end of the text.
  private var pending: [UInt8] = []

  public init() {}

  /// True once the log was found.
  public var hasFound: Bool { place == .inText || place == .behind }
  /// True once the log has ended.
  public var hasEnded: Bool { place == .behind }

  /// Takes the next bytes of the page and returns those of the log's text among them.
  public mutating func take(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    for byte in bytes {
      switch place {
      case .beforeHeading: if find(Self.heading, byte) { place = .beforeText }
      case .beforeText: if find(Self.opening, byte) { place = .inText }
      case .inText: read(byte, &text)
      case .behind: return text
      }
    }
    return text
  }

  /// True if this byte completes the mark, whose first byte is nowhere else in it.
  private mutating func find(_ mark: [UInt8], _ byte: UInt8) -> Bool {
    matched = byte == mark[matched] ? matched + 1 : byte == mark[0] ? 1 : 0
    guard matched == mark.count else { return false }
    matched = 0
    return true
  }

  private mutating func read(_ byte: UInt8, _ text: inout [UInt8]) {
    if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<") {
      text += pending
      pending = [byte]
      return
    }
    guard let first = pending.first else { return text.append(byte) }
    pending.append(byte)
    if first == UInt8(ascii: "<") {
      if pending.elementsEqual(Self.closing) {
        (place, pending) = (.behind, [])
      } else if !Self.closing.starts(with: pending) {
        text += pending
        pending = []
      }
    } else if byte == UInt8(ascii: ";") {
      text += Self.character(String(decoding: pending.dropFirst().dropLast(), as: UTF8.self)) ?? pending
      pending = []
    } else if pending.count >= Self.longestEntity {
      text += pending
      pending = []
    }
  }

  private static func character(_ entity: String) -> [UInt8]? {
    switch entity {
    case "lt": return Array("<".utf8)
    case "gt": return Array(">".utf8)
    case "amp": return Array("&".utf8)
    case "quot": return Array("\"".utf8)
    case "apos": return Array("'".utf8)
    case "nbsp": return Array("\u{a0}".utf8)
    default: break
    }
    guard entity.hasPrefix("#") else { return nil }
    let digits = entity.dropFirst()
    let number =
      digits.hasPrefix("x") || digits.hasPrefix("X") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap(Unicode.Scalar.init).map { Array(String($0).utf8) }
  }
}
