/// The name of one export set, unique and never used again: `20261124T070512Z-hr-7f3k2m9q`, made of
/// the time at which the set was seen complete, its source, and a random tail. It is a folder's name in
/// the spool, and its date decides where the set is archived.
public struct SetID: Hashable, Sendable, CustomStringConvertible {
  /// The whole id.
  public let text: String
  /// The source that is named in the middle.
  public let source: SourceName

  /// How many random characters an id ends in.
  public static let tailLength = 8
  /// The characters of a tail: no capitals, and none that are easily confused when read aloud.
  public static let tailAlphabet = Array("23456789abcdefghjkmnpqrstuvwxyz".utf8)

  /// Makes an id from its parts; all of the tail comes of one random number.
  public init(completed: Timestamp, source: SourceName, using random: inout some RandomNumberGenerator) {
    let letters = UInt64(Self.tailAlphabet.count)
    var rest = random.next(upperBound: (0..<Self.tailLength).reduce(1) { power, _ in power * letters })
    let tail = (0..<Self.tailLength).map { _ in
      defer { rest /= letters }
      return Self.tailAlphabet[Int(rest % letters)]
    }
    text = "\(completed.compact)-\(source)-\(String(decoding: tail, as: UTF8.self))"
    self.source = source
  }

  /// Reads an id; nil for any text that this program cannot have made.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let (sourceStart, tailStart) = (Self.timeForm.count + 1, bytes.count - Self.tailLength)
    guard tailStart > sourceStart + 1, Self.isCompactTime(bytes.prefix(Self.timeForm.count)),
      bytes[sourceStart - 1] == Self.separator, bytes[tailStart - 1] == Self.separator,
      bytes[tailStart...].allSatisfy(Self.tailAlphabet.contains),
      let source = SourceName(String(decoding: bytes[sourceStart..<tailStart - 1], as: UTF8.self))
    else { return nil }
    self.text = text
    self.source = source
  }

  /// Year, month and day (UTC) of the set's completion, as the archive's folders are named.
  public var archiveDate: (year: String, month: String, day: String) {
    let digits = Array(text.utf8.prefix(8))
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    return (part(0..<4), part(4..<6), part(6..<8))
  }

  /// The time of completion that is named at the start, to the second.
  public var completed: Timestamp {
    let digits = Array(text.utf8.prefix(15)).filter { $0 != UInt8(ascii: "T") }
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    let date = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
    let time = "\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
    return Timestamp("\(date)T\(time)Z") ?? Timestamp(microseconds: 0)
  }

  public var description: String { text }

  private static let separator = UInt8(ascii: "-")
  private static let timeForm = Array("00000000T000000Z".utf8)

  private static func isCompactTime(_ bytes: ArraySlice<UInt8>) -> Bool {
    zip(bytes, timeForm).allSatisfy { byte, form in
      form == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
    }
  }
}

extension SetID: Comparable {
  public static func < (left: SetID, right: SetID) -> Bool { left.text < right.text }
}

/// Names one exporting system, as in `[Source NAME]`: a letter or digit, then up to 63 more of
/// `[A-Za-z0-9_.-]`, so that it can stand as a folder's name and inside a set's id.
public struct SourceName: Hashable, Sendable, CustomStringConvertible {
  /// The name as the administrator wrote it.
  public let text: String

  /// Takes a name that keeps the rule; nil for any other.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 64, isLetterOrDigit(first) else { return nil }
    guard bytes.allSatisfy({ isLetterOrDigit($0) || "_.-".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  public var description: String { text }
}

extension SourceName: Comparable {
  public static func < (left: SourceName, right: SourceName) -> Bool { left.text < right.text }
}

/// True for the ASCII letters and digits only, whatever the locale.
func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}

/// The name that the server gives to one batch: 44 characters of `[A-Za-z0-9_-]` (docs/server.md).
/// Longer and shorter ones are taken too, from 16 to 128, for the length is the server's own affair.
public struct BatchID: Hashable, Sendable, CustomStringConvertible {
  /// The name as the server sent it.
  public let text: String

  /// Takes a well-formed name; nil for anything else, such as a page of HTML with status 200.
  public init?(_ text: String) {
    guard (16...128).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy({ isLetterOrDigit($0) || "_-".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  public var description: String { text }
}

/// The form in which a set was dropped.
public enum SetForm: String, Codable, Sendable {
  /// A folder of its own, taken whole by one rename.
  case folder
  /// Files in the drop directory itself, taken one by one.
  case flat
}

/// The server's treatment of a scheduled set.
public enum ImportMode: String, Codable, Sendable, CaseIterable {
  /// Checks without importing.
  case dryRun = "dry-run"
  /// Imports for real.
  case `import`

  /// The value of the `mode` parameter. For a real import there must be none (docs/server.md).
  public var parameter: String? { self == .dryRun ? "dry-run" : nil }
}
