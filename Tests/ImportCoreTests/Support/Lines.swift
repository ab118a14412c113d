import ImportCore

/// Journal lines as text, and journals made of them.
enum Lines {
  /// What a value looks like in the journal, without checksum and newline.
  static func textWithoutSum(of value: some Encodable) -> String {
    let bytes = JournalLine.encode(value)
    return String(decoding: bytes.dropLast(#","sum":"00000000"}"#.utf8.count + 1), as: UTF8.self) + "}"
  }

  /// The same text with its checksum, computed bit by bit: a second opinion on the table in the program.
  static func summed(_ text: String) -> [UInt8] { summed(Array(text.utf8)) }

  /// The same for bytes that need not be a text.
  static func summed(_ line: [UInt8]) -> [UInt8] {
    let prefix = line.dropLast()
    var value: UInt32 = ~0
    for byte in prefix {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
    }
    let digits = String(~value, radix: 16)
    let sum = String(repeating: "0", count: 8 - digits.count) + digits
    return prefix + Array(#","sum":"\#(sum)"}"#.utf8)
  }

  /// The lines of a journal in which these events happened to the sample set, one after the other. `synced` gives
  /// for each record (from 1) the last one that was durable by then.
  static func journal(_ events: [DeliveryEvent], synced: (Int64) -> Int64 = { _ in 0 }) -> [[UInt8]] {
    let header = JournalLine.encode(JournalHeader(instance: "k7w2x9q4", base: 0))
    let all = [DeliveryEvent.claimBegun(claim: Invented.claim())] + events
    return [header]
      + all.enumerated().map { index, event in
        record(event, Int64(index + 1), synced: synced(Int64(index + 1)))
      }
  }

  /// One line for an event of the sample set.
  static func record(_ event: DeliveryEvent, _ sequence: Int64, synced: Int64 = 0) -> [UInt8] {
    JournalLine.encode(
      JournalRecord(
        sequence: sequence, synced: synced, time: Invented.start, entry: .event(event, set: Invented.set)))
  }
}
