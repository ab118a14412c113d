import FoundationEssentials
import ImportCore

extension FuzzTarget {
  /// The journal: as the bytes are, and, so that whole lines are met at all, with the checksum of each line made good.
  static let journal = FuzzTarget("journal") { bytes throws(BrokenProperty) in
    try checkJournal(bytes)
    try checkJournal(summed(bytes))
  }

  private static func checkJournal(_ bytes: [UInt8]) throws(BrokenProperty) {
    let reading: JournalReading
    do throws(JournalDamage) {
      reading = try JournalReading(bytes)
    } catch {
      return try require(!error.description.isEmpty, "damage is not described")
    }
    try checkLibraryAgrees(with: reading, of: bytes)
    try require(reading.isTorn == (reading.goodLength < bytes.count), "torn, or all is good")
    try checkSameState(
      Array(bytes[..<reading.goodLength]), as: reading, "the good part alone says something else")
    try checkSameState(
      reading.allRecords.reduce(JournalLine.encode(reading.header)) { $0 + JournalLine.encode($1) },
      as: reading, "written again it says something else")
    try checkSnapshot(of: reading)
    for delivery in reading.state.deliveries.values { use(delivery) }
  }

  /// What our own decoder reads from a line is what a whole decoder of JSON reads from it.
  private static func checkLibraryAgrees(with reading: JournalReading, of bytes: [UInt8])
    throws(BrokenProperty)
  {
    let lines = bytes[..<reading.goodLength].split(separator: UInt8(ascii: "\n")).dropFirst()
    try require(lines.count == reading.allRecords.count, "a line was left out")
    for (line, record) in zip(lines, reading.allRecords) {
      let other = try? JSONDecoder().decode(JournalRecord.self, from: Data(line))
      try require(other == record, "JSONDecoder reads a line as something else")
      try checkEncoding(of: record)
    }
  }

  /// What our own encoder writes is what a whole encoder of JSON writes, to the byte.
  private static func checkEncoding(of record: JournalRecord) throws(BrokenProperty) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let other = try? encoder.encode(record) else {
      throw BrokenProperty(description: "JSONEncoder refuses a record")
    }
    try require(
      JournalLine.encode(record) == withSum(other.dropLast()) + [UInt8(ascii: "\n")],
      "JSONEncoder writes a record as something else")
  }

  private static func checkSameState(_ bytes: [UInt8], as other: JournalReading, _ promise: String)
    throws(BrokenProperty)
  {
    let again = try? JournalReading(bytes)
    try require(again?.isTorn == false && again?.state == other.state, promise)
  }

  /// A journal made of the state alone says the same of every set, source and the server.
  private static func checkSnapshot(of reading: JournalReading) throws(BrokenProperty) {
    let state = reading.state
    var bytes = JournalLine.encode(JournalHeader(instance: reading.header.instance, base: state.sequence))
    for (offset, entry) in state.snapshot.enumerated() {
      let sequence = state.sequence + Int64(offset) + 1
      let record = JournalRecord(
        sequence: sequence, synced: state.sequence, time: Timestamp(microseconds: 0), entry: entry)
      try checkEncoding(of: record)
      JournalLine.append(record, to: &bytes)
    }
    guard let again = try? JournalReading(bytes) else {
      throw BrokenProperty(description: "the snapshot of a state cannot be read")
    }
    try require(
      !again.isTorn && again.state.deliveries == state.deliveries && again.state.server == state.server
        && again.state.controls == state.controls,
      "the snapshot of a state says something else")
  }

  /// What a daemon asks of every set that it finds.
  private static func use(_ delivery: Delivery) {
    for now in [Timestamp(microseconds: 0), Timestamp(microseconds: 1_795_503_912_000_000)] {
      _ = delivery.nextStep(now: now, holdAfter: .seconds(86_400))
      _ = delivery.state(now: now)
    }
  }

  /// The checksum is computed bit by bit: a second opinion on the table in the program.
  private static func withSum(_ prefix: some Sequence<UInt8>) -> [UInt8] {
    var value: UInt32 = ~0
    for byte in prefix {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
    }
    let digits = String(~value, radix: 16)
    let sum = String(repeating: "0", count: 8 - digits.count) + digits
    return prefix + Array(#","sum":"\#(sum)"}"#.utf8)
  }

  /// Gives every line that ends in a closing brace the checksum that it would have.
  private static func summed(_ bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let whole = lines.map { line in
      line.last == UInt8(ascii: "}") ? withSum(Array(line.dropLast())) : Array(line)
    }
    return Array(whole.joined(separator: [UInt8(ascii: "\n")]))
  }
}
