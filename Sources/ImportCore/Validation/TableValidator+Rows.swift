extension TableValidator {
  /// Skips bytes that mean nothing but themselves, inside a row that is not the first.
  @inline(__always)
  func skipPlain(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    // Inside a character, between rows, at the start of a cell, or inside a separator of several bytes every byte counts.
    if isBetween || utf8.isInside || matched > 0 || cell.isAtStart { return start }
    let first = separator.first ?? 10
    let checks = checksBytes
    var at = start
    while at < piece.count {
      let byte = piece[at]
      if byte == first || byte <= 13 || byte == TableCell.quote || byte >= 0x80 && checks { return at }
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
    fieldCount += 1
    cell = TableCell()
    if fieldCount == columns + 1 {
      surplusPlace = place(at + 1)
      surplusOffset = consumed + at + 1
    }
  }

  /// Bytes of the separator that still match when `length` bytes did and the next one does not.
  private func fallback(_ length: Int) -> Int {
    (1..<length).reversed().first { separator[..<$0] == separator[(length - $0)..<length] } ?? 0
  }

  /// Ends a row before the byte `offset` of the file.
  mutating func endRow(at offset: Int, isLast: Bool) {
    if isHeader { return endHeader(isLast: isLast) }
    if cell.isOpen, !isLast { noteBrokenCell(cell.place) }
    guard columns > 0, fieldCount > columns else { return }
    let hasText = offset - surplusOffset > (fieldCount - columns - 1) * separator.count
    let (count, named) = (fieldCount, columns)
    note(
      hasText ? .error : .warning, surplusPlace,
      "this row has \(count) fields, but only \(named) columns have a name; the server ignores the rest"
    )
  }

  private mutating func noteBrokenCell(_ place: TextPlace) {
    note(
      .warning, place,
      "line break in a quoted cell; the server knows no quoting and ends the row at every line break")
  }

  private mutating func endHeader(isLast: Bool) {
    isHeader = false
    fieldCount = 1
    if header.isEmpty {
      return note(.warning, TextPlace(), "the first line is empty, so no column has a name")
    }
    if header.starts(with: [0xEF, 0xBB, 0xBF]) {
      header.removeFirst(3)
      note(.error, TextPlace(), "the file begins with a byte order mark (BOM), which becomes part of a name")
    }
    guard !separator.isEmpty, header.count < Self.longestHeader else { return }
    let names = Self.split(header, separator)
    columns = names.count
    noteDuplicateNames(names)
    for name in names { _ = fields.see(FieldNameHash(header[name]), in: ReferencedFields.record) }
    if let last = names.last, !isLast, header[last].first == TableCell.quote,
      header[last].count(where: { $0 == TableCell.quote }) % 2 == 1
    {
      noteBrokenCell(TextPlace(line: 1, column: last.lowerBound + 1))
    }
    header = []
  }

  private mutating func noteDuplicateNames(_ names: [Range<Int>]) {
    var seen: Set<FieldNameHash> = []
    for name in names where !name.isEmpty && !seen.insert(FieldNameHash(header[name])).inserted {
      note(
        .warning, TextPlace(line: 1, column: name.lowerBound + 1),
        "duplicate column name; the server uses the last one")
    }
  }

  /// The fields of a row.
  static func split(_ row: [UInt8], _ separator: [UInt8]) -> [Range<Int>] {
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
