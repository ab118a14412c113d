import ImportCore
import Testing

/// What a crash or a power cut can leave of a journal, and what is made of it.
@Suite struct CutTests {
  /// A whole life, every kind of event that a delivery can have on its way to the archive.
  static let life: [DeliveryEvent] =
    [
      .claimed, Invented.inspected, .controlMissed, .controlUploaded(shared: false), Invented.created,
      .fileUploaded(key: "a"), .batchAbandoned(reason: Invented.reason),
      .attemptFailed(reason: Invented.reason, next: Invented.start, alone: false), Invented.createdNext,
      .fileUploaded(key: "a"), .fileUploaded(key: "b"), Invented.intended, .scheduled(repeated: false),
    ]

  private func read(_ lines: some Sequence<[UInt8]>) throws(JournalDamage) -> JournalReading {
    try JournalReading(Array(lines.joined()))
  }

  @Test func `cut after any record, it says what was said until then`() throws {
    let lines = Lines.journal(Self.life)
    var delivery = try Invented.delivery()
    for count in 2...lines.count {
      if count > 2 { delivery = try delivery.after(Self.life[count - 3]) }
      let reading = try read(lines.prefix(count))
      #expect(!reading.isTorn)
      #expect(reading.state.sequence == Int64(count - 1))
      #expect(reading.state.deliveries[Invented.set] == delivery)
    }
  }

  @Test func `cut at any byte of any line, it ends with the line before`() throws {
    let lines = Lines.journal(Self.life)
    var good: [UInt8] = lines[0]
    for line in lines.dropFirst() {
      let before = try JournalReading(good)
      for length in 1..<line.count {
        let reading = try JournalReading(good + line.prefix(length))
        #expect(reading.isTorn)
        #expect(reading.goodLength == good.count)
        #expect(reading.state == before.state)
      }
      good += line
    }
  }

  @Test func `cut in the header, it is no journal`() {
    let header = Lines.journal([])[0]
    for length in 0..<header.count {
      #expect(throws: JournalDamage.noHeader) { try JournalReading(Array(header.prefix(length))) }
    }
  }

  @Test func `any altered byte of the last line is found`() throws {
    let lines = Lines.journal([.claimed])
    let before = lines.dropLast().joined()
    let last = lines[2]
    for index in last.indices {
      for bit in [0, 1, 5, 7] {
        var altered = last
        altered[index] ^= 1 << UInt8(bit)
        let reading = try JournalReading(before + altered)
        #expect(reading.state.sequence == 1, "byte \(index), bit \(bit)")
        #expect(reading.isTorn)
      }
    }
  }

  @Test(arguments: 1...13)
  func `zeros where nothing was durable yet are a torn tail, whole lines behind them or not`(line: Int) throws
  {
    var lines = Lines.journal(Self.life) { min($0 - 1, Int64(line - 1)) }
    lines[line] = [UInt8](repeating: 0, count: lines[line].count)
    let reading = try read(lines)
    #expect(reading.isTorn)
    #expect(reading.goodLength == lines.prefix(line).joined().count)
    #expect(reading.state.sequence == Int64(line - 1))
  }

  @Test(arguments: 1...13)
  func `zeros where a later line says that it was durable are damage`(line: Int) {
    var lines = Lines.journal(Self.life) { $0 - 1 }
    lines[line] = [UInt8](repeating: 0, count: lines[line].count - 1) + [UInt8(ascii: "\n")]
    #expect(throws: JournalDamage.badLine(line + 1)) { try read(lines) }
  }

  @Test func `any later line may be the one that proves it`() throws {
    for last: Int64 in [3, 4, 5, 12] {
      var lines = Lines.journal(Self.life) { $0 == 14 ? last : 3 }
      lines[4] = Array("garbage\n".utf8)
      if last < 4 {
        #expect(try read(lines).state.sequence == 3)
      } else {
        #expect(throws: JournalDamage.badLine(5)) { try read(lines) }
      }
    }
  }

  @Test func `a line that is missing is a torn tail unless it was durable`() throws {
    var lines = Lines.journal(Self.life) { _ in 3 }
    lines.remove(at: 5)
    #expect(try read(lines).state.sequence == 4)
    var synced = Lines.journal(Self.life) { $0 - 1 }
    synced.remove(at: 5)
    #expect(throws: JournalDamage.badLine(6)) { try read(synced) }
  }

  @Test func `a line that stands there twice ends the journal before it`() throws {
    var lines = Lines.journal(Self.life)
    lines.append(lines[lines.count - 1])
    let reading = try read(lines)
    #expect(reading.isTorn)
    #expect(reading.state.sequence == 14)
  }

  @Test func `what was read can be read again from the good part alone`() throws {
    let lines = Lines.journal(Self.life)
    let bytes = Array(lines.joined()) + Array("\0\0\0{\"seq\":".utf8)
    let reading = try JournalReading(bytes)
    let again = try JournalReading(Array(bytes.prefix(reading.goodLength)))
    #expect(!again.isTorn)
    #expect(again.state == reading.state)
    #expect(again.allRecords == reading.allRecords)
    #expect(again.allRecords.count == 14)
  }
}
