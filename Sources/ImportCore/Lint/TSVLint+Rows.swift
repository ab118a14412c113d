extension TSVLint {
  /// Skips what means nothing but itself, inside a row that is not the first.
  @inline(__always)
  func skipPlain(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    // Inside a character, between rows, or inside a separator of several bytes every byte counts.
    if isBetween || utf8.isInside || matched > 0 { return start }
    let first = separator.first ?? 10
    let checks = checksBytes
    var at = start
    while at < piece.count {
      let byte = piece[at]
      if byte == first || byte == 10 || byte == 13 || byte >= 0x80 && checks { return at }
      at += 1
    }
    return at
  }

  /// Counts a separator when its last byte comes.
  mutating func matchSeparator(_ byte: UInt8, _ at: Int) {
    while matched > 0, separator[matched] != byte { matched = fallback(matched) }
    if separator[matched] == byte { matched += 1 }
    guard matched == separator.count else { return }
    matched = 0
    fields += 1
    if fields == columns + 1 { surplusPlace = place(at + 1) }
  }

  /// How much of the separator still matches when `length` bytes did and the next one does not.
  private func fallback(_ length: Int) -> Int {
    (1..<length).reversed().first { separator[..<$0] == separator[(length - $0)..<length] } ?? 0
  }

  mutating func endRow() {
    if isHeader { return endHeader() }
    guard columns > 0, fields > columns else { return }
    note(
      .warning, surplusPlace,
      "this row has \(fields) fields, but only \(columns) columns have a name; the rest is lost")
  }

  private mutating func endHeader() {
    isHeader = false
    fields = 1
    if header.isEmpty {
      return note(.warning, TextPlace(), "the first line is empty, so no column has a name")
    }
    if header.starts(with: [0xEF, 0xBB, 0xBF]) {
      header.removeFirst(3)
      note(.error, TextPlace(), "the text begins with a byte order mark (BOM)")
    }
    guard !separator.isEmpty, header.count < Self.longestHeader else { return }
    let fields = Self.split(header, separator)
    columns = fields.count
    noteDoubledNames(fields)
    for field in fields { _ = names.see(NameHash(header[field]), in: SourceNames.record) }
    header = []
  }

  private mutating func noteDoubledNames(_ fields: [Range<Int>]) {
    var seen: Set<NameHash> = []
    for field in fields where !field.isEmpty && !seen.insert(NameHash(header[field])).inserted {
      note(
        .warning, TextPlace(line: 1, column: field.lowerBound + 1),
        "two columns have this name; the last one counts")
    }
  }

  /// The fields of a row.
  private static func split(_ row: [UInt8], _ separator: [UInt8]) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    var start = 0
    var at = 0
    while at + separator.count <= row.count {
      if row[at..<(at + separator.count)].elementsEqual(separator) {
        fields.append(start..<at)
        at += separator.count
        start = at
      } else {
        at += 1
      }
    }
    return fields + [start..<row.count]
  }
}
