import FoundationEssentials
import ImportCore
import Testing

/// A line is written in the very bytes of `JSONEncoder`, which wrote the journals that are there.
@Suite struct LineEncodingTests {
  /// A line as `JSONEncoder` and a checksum computed bit by bit have it.
  private func expected(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Lines.summed(Array(try encoder.encode(value))) + [UInt8(ascii: "\n")]
  }

  private func expectAgreement(_ value: some Encodable) throws {
    let (line, expected) = (JournalLine.encode(value), try expected(value))
    #expect(
      line == expected,
      "\(String(decoding: line, as: UTF8.self)) \(String(decoding: expected, as: UTF8.self))")
  }

  private func expectAgreement(on entry: JournalEntry, at time: Timestamp = Invented.start) throws {
    try expectAgreement(JournalRecord(sequence: 6, synced: 5, time: time, entry: entry))
  }

  @Test(arguments: GoldenEventTests.rows.map(\.0)) func `each event is written as ever`(event: DeliveryEvent)
    throws
  { try expectAgreement(on: .event(event, set: Invented.set)) }

  @Test(arguments: GoldenStateTests.stages.map(\.0)) func `each stage is written as ever`(
    events: [DeliveryEvent]
  ) throws {
    try expectAgreement(on: .snapshot(try Invented.delivery().after(events)))
  }

  /// Records as they come, in an order that makes some sense now and then, and the state that they lead to.
  @Test(arguments: 0..<40) func `records with any words in them are written as ever`(seed: UInt64) throws {
    var random = RandomRecords(seed: seed)
    var state = JournalState()
    for _ in 0..<100 {
      let record = random.record(sequence: state.sequence + 1)
      try expectAgreement(record)
      _ = try? state.apply(record)
    }
    for entry in state.snapshot { try expectAgreement(on: entry, at: random.time()) }
    try expectAgreement(JournalHeader(instance: random.text(), base: .max >> 1))
  }

  @Test func `every character is written as ever`() throws {
    for first in stride(from: UInt32(0), through: 0x10ffff, by: 0x400) where first < 0xd800 || first > 0xdfff
    {
      var text = ""
      text.unicodeScalars.append(contentsOf: (first..<first + 0x400).compactMap(Unicode.Scalar.init))
      try expectAgreement(Reason(text))
    }
    for code in UInt8(0)..<128 { try expectAgreement(Reason(String(Unicode.Scalar(code)))) }
  }

  /// A text cut out of another one stands in that one's memory.
  @Test func `a part of a text is written as ever`() throws {
    let text = "the server said: \"no\"\n\u{1f}\u{7f}\u{2028}😀 and closed the connection"
    for start in 0..<text.count {
      try expectAgreement(
        ["text": text.dropFirst(start), "more": text.dropLast(start)].mapValues(String.init))
    }
  }

  @Test func `lines are put after one another`() {
    let values = [Reason("a", key: "b"), Reason("\""), Reason("")]
    var bytes = Array("before\n".utf8)
    for value in values { JournalLine.append(value, to: &bytes) }
    #expect(bytes == Array("before\n".utf8) + values.flatMap { JournalLine.encode($0) })
  }
}

extension LineEncodingTests {
  /// What Codable knows beyond what stands in the journal today.
  private struct Sample: Encodable {
    struct Empty: Encodable {
      func encode(to encoder: any Encoder) { _ = encoder.container(keyedBy: Key.self) }
    }
    enum Key: String, CodingKey {
      case z, a, ab, aB = "a b", abc, list, lists, nothing, flag, small, large, inner
    }

    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: Key.self)
      try values.encode([Int8.min, 0, .max], forKey: .z)
      try values.encode([String](), forKey: .abc)
      try values.encode([[1], [], [[2, 3]].flatMap(\.self)] as [[UInt16]], forKey: .a)
      try values.encode([nil, true, false], forKey: .ab)
      try values.encodeNil(forKey: .nothing)
      try values.encodeIfPresent(nil as Bool?, forKey: .flag)
      try values.encode([Int64.min, .max, -1, 10, 100], forKey: .small)
      try values.encode(UInt64.max, forKey: .large)
      try values.encode(Empty(), forKey: .aB)
      var list = values.nestedUnkeyedContainer(forKey: .list)
      try encodeList(&list)
      var inner = values.nestedContainer(keyedBy: Key.self, forKey: .inner)
      try inner.encode("last", forKey: .z)
      _ = inner.nestedUnkeyedContainer(forKey: .list)
      try inner.encode("first", forKey: .a)
      try values.encode(["b": ["d": 1, "c": 2], "a": [:]], forKey: .lists)
    }

    private func encodeList(_ list: inout any UnkeyedEncodingContainer) throws {
      try list.encode("x")
      try list.encode(1)
      try list.encodeNil()
      var inner = list.nestedUnkeyedContainer()
      try inner.encode(UInt8(255))
      var members = list.nestedContainer(keyedBy: Key.self)
      try members.encode(Int32.min, forKey: .ab)
      try members.encode(UInt32.max, forKey: .a)
      _ = list.nestedContainer(keyedBy: Key.self)
      try list.encode(Empty())
      #expect(list.count == 7)
    }
  }

  @Test func `containers of every kind are written as ever`() throws { try expectAgreement(Sample()) }

  /// Something that is encoded as the closure says.
  private struct Mistake: Encodable {
    var write: @Sendable (any Encoder) throws -> Void
    func encode(to encoder: any Encoder) throws { try write(encoder) }
  }

  @Test func `a fraction ends the program`() async {
    await #expect(processExitsWith: .failure) { _ = JournalLine.encode(["a": 0.5]) }
  }

  @Test func `what comes after its container's end ends the program`() async {
    await #expect(processExitsWith: .failure) {
      let late = Mistake { encoder in
        var values = encoder.container(keyedBy: Sample.Key.self)
        var list = values.nestedUnkeyedContainer(forKey: .list)
        try values.encode(1, forKey: .z)
        try list.encode(2)
      }
      _ = JournalLine.encode(late)
    }
  }

  @Test func `a name that comes twice ends the program`() async {
    await #expect(processExitsWith: .failure) {
      let doubled = Mistake { encoder in
        var values = encoder.container(keyedBy: Sample.Key.self)
        try values.encode(1, forKey: .z)
        try values.encode(2, forKey: .z)
      }
      _ = JournalLine.encode(doubled)
    }
  }
}
