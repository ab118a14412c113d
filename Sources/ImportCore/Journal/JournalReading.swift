/// A line of the journal as bytes: a JSON object with sorted keys whose last member `sum` is the CRC-32C of
/// everything before it, so that a line cut, zeroed or altered anywhere is told from a whole one.
public enum JournalLine {
  /// Encodes a value as one line, checksum and newline included.
  public static func encode(_ value: some Encodable) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1024)
    append(value, to: &bytes)
    return bytes
  }

  /// The same, after the bytes that are there.
  public static func append(_ value: some Encodable, to bytes: inout [UInt8]) {
    let start = bytes.count
    let line = LineEncoder.Line(LineWriter(taking: &bytes))
    guard (try? value.encode(to: LineEncoder(line: line))) != nil else {
      preconditionFailure("no journal value refuses to be encoded: \(value)")
    }
    line.writer.finish(into: &bytes)
    precondition(bytes[start] == UInt8(ascii: "{"), "every journal value encodes as a JSON object: \(value)")
    bytes.removeLast()
    let sum = Checksum.crc32c(bytes[start...])
    for place in 0..<sumLength { bytes.append(sumByte(place, sum)) }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Decodes a line without its newline; nil if the checksum does not match or the object is none of this type.
  public static func decode<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) -> Value? {
    isIntact(line) ? decodeIntact(type, line) : nil
  }

  /// Decodes a line whose checksum was found to match. The checksum is a member like any other, which no type has.
  static func decodeIntact<Value: Decodable>(_ type: Value.Type, _ line: ArraySlice<UInt8>) -> Value? {
    LineText.decode(type, from: line)
  }

  /// True if the line's checksum matches, whatever its content.
  public static func isIntact(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count > sumLength else { return false }
    let end = line.endIndex - sumLength
    let sum = Checksum.crc32c(line[..<end])
    return (0..<sumLength).allSatisfy { line[end + $0] == sumByte($0, sum) }
  }

  private static let sumForm = Array(#","sum":"00000000"}"#.utf8)
  private static let sumLength = sumForm.count

  /// One byte of the last member and the brace behind it.
  private static func sumByte(_ place: Int, _ sum: UInt32) -> UInt8 {
    guard (8..<16).contains(place) else { return sumForm[place] }
    let digit = UInt8(truncatingIfNeeded: sum >> (60 - 4 * UInt32(place))) & 15
    return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}

/// A journal that cannot be trusted: nothing may be started on it, and nothing in it may be touched.
public enum JournalDamage: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first line is not a journal's.
  case noHeader
  /// A newer program wrote it.
  case newerFormat(Int)
  /// This line (from 1) is bad although a later one proves that it was durable.
  case badLine(Int)
  /// This line is whole, and this program does not know what it says.
  case unknownRecord(line: Int)
  /// This line is whole but cannot follow the ones before it.
  case contradiction(line: Int, text: String)

  public var description: String {
    switch self {
    case .noHeader: "line 1: not the header of a haplo-importd journal"
    case .newerFormat(let format):
      "line 1: format \(format) was written by a newer haplo-importd; this one reads up to format "
        + "\(JournalHeader.currentFormat)"
    case .badLine(let line): "line \(line): damaged, though it had been stored safely; later lines are whole"
    case .unknownRecord(let line):
      "line \(line): whole, but of a kind that this haplo-importd does not know; a newer one may have written it"
    case .contradiction(let line, let text): "line \(line): \(text)"
    }
  }

  /// The remedy for a person.
  public var remedy: String {
    switch self {
    case .newerFormat, .unknownRecord: "Install the newer haplo-importd again"
    case .noHeader, .badLine, .contradiction:
      "Restore the journal from a backup, or move it away: the daemon then holds the sets in work/ for a decision"
    }
  }
}

/// What was read from a journal's bytes.
public struct JournalReading: Sendable {
  public let header: JournalHeader
  /// All records taken together.
  public let state: JournalState
  /// How many bytes from the start are good; what follows is a torn tail.
  public let goodLength: Int
  /// The records, in their order; none if they were not to be kept.
  public let allRecords: [JournalRecord]
  /// True if there are bytes after the good ones.
  public let isTorn: Bool
  /// The latest time that header and records name: when the journal ended, unless the clock was set back. Nil if none does.
  public let latest: Timestamp?

  /// Reads a journal. A power cut can leave a torn line, or a stretch of zeros followed by whole lines, where
  /// nothing had been made durable yet: such a tail is left out. A bad line that a later one proves durable
  /// is damage. So is a whole line that cannot be understood: cutting it off would take back what it says.
  /// Without `keepsRecords` only what they say together is kept.
  public init(_ bytes: [UInt8], keepsRecords: Bool = true) throws(JournalDamage) {
    var lines = LineCutter(bytes)
    guard let first = lines.next(), first.isEnded, let header = try Self.header(first.content) else {
      throw .noHeader
    }
    self.header = header
    var state = JournalState(sequence: header.base)
    var good = first.end
    var number = 1
    var records: [JournalRecord] = []
    var latest = header.created
    while let line = lines.next() {
      number += 1
      let record = try Self.record(line, number: number)
      guard let record, record.sequence == state.sequence + 1 else {
        try Self.requireTornTail(bad: line, rest: lines, number: number, expected: state.sequence + 1)
        break
      }
      do { try state.apply(record) } catch { throw .contradiction(line: number, text: error.description) }
      if keepsRecords { records.append(record) }
      latest = max(latest ?? record.time, record.time)
      good = line.end
    }
    self.latest = latest
    self.state = state
    goodLength = good
    allRecords = records
    isTorn = good < bytes.count
  }

  private static func header(_ line: ArraySlice<UInt8>) throws(JournalDamage) -> JournalHeader? {
    guard let mark = JournalLine.decode(FormatMark.self, line), mark.format > 0 else { return nil }
    if mark.format > JournalHeader.currentFormat { throw .newerFormat(mark.format) }
    guard let header = JournalLine.decode(JournalHeader.self, line) else { return nil }
    return JournalHeader.possibleBases.contains(header.base) ? header : nil
  }

  /// The line's record; nil if the line is not whole.
  private static func record(_ line: LineCutter.Line, number: Int) throws(JournalDamage) -> JournalRecord? {
    guard line.isEnded, JournalLine.isIntact(line.content) else { return nil }
    guard let record = JournalLine.decodeIntact(JournalRecord.self, line.content) else {
      throw .unknownRecord(line: number)
    }
    return record
  }

  /// The part of a header that every format has.
  private struct FormatMark: Decodable { var format: Int }

  /// Throws if any whole line from the bad one on says that the record missing here was durable.
  private static func requireTornTail(
    bad: LineCutter.Line, rest: LineCutter, number: Int, expected: Int64
  ) throws(JournalDamage) {
    var lines = rest
    var line: LineCutter.Line? = bad
    while let current = line {
      if JournalLine.isIntact(current.content) {
        guard let mark = JournalLine.decodeIntact(DurableMark.self, current.content) else {
          throw .badLine(number)
        }
        if mark.synced >= expected { throw .badLine(number) }
      }
      line = lines.next()
    }
  }

  /// Only what is needed to tell damage from a torn tail.
  private struct DurableMark: Decodable { var synced: Int64 }
}

/// Cuts bytes into lines and says of each whether it had a newline.
private struct LineCutter {
  struct Line {
    var content: ArraySlice<UInt8>
    var end: Int
    var isEnded: Bool
  }

  private let bytes: [UInt8]
  private var start = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Line? {
    guard start < bytes.count else { return nil }
    let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
    let stop = newline ?? bytes.count
    let line = Line(
      content: bytes[start..<stop], end: newline.map { $0 + 1 } ?? stop, isEnded: newline != nil)
    start = line.end
    return line
  }
}
