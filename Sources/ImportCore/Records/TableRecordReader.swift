/// Reads the records of a table with a row of names piece by piece, as the server splits it: rows at runs of CR and LF,
/// fields at the separator, without quoting. An empty field counts as one that is not there. Bytes are compared as they are,
/// whatever the charset.
public struct TableRecordReader: Sendable {
  private let demand: RecordDemand
  private let keyName: UInt64?
  private let separator: [UInt8]
  private let isUTF8: Bool
  /// The records that ended in the last piece.
  public private(set) var batch = RecordBatch()
  /// The names of the columns, where they are wanted.
  public private(set) var names = FieldNames()

  /// For each column the hash of its name; nil for one without a name, or with that of a later one.
  private var columns: [UInt64?] = []
  private var header: [UInt8] = []
  private var isHeader = true
  private var isBetween = false
  private var hasBytes = false
  private var column = 0
  private var matched = 0
  private var cell = RecordHash()
  private var row = RecordHash()
  private var start = 0
  private var key = RecordKeyText()
  /// Number of records that ended.
  private var ended = 0
  /// False inside a record of which nothing is wanted: only its end is noted.
  private var isWanted: Bool

  /// Begins a file; nil for `separator` if it is not known.
  public init(separator: String?, charset: TextCharset, _ demand: RecordDemand) {
    self.demand = demand
    isWanted = demand.wants(0)
    let bytes = Array((separator ?? "").utf8)
    self.separator = charset == .utf8 || bytes.allSatisfy { $0 < 0x80 } ? bytes : []
    isUTF8 = charset == .utf8 || charset == .ascii
    keyName = demand.key.map { FieldNameHash(TableRecordReader.bytes($0, isUTF8: charset == .utf8)).value }
  }

  /// A name as it is written in the file.
  private static func bytes(_ name: String, isUTF8: Bool) -> [UInt8] {
    let scalars = name.unicodeScalars
    guard !isUTF8, scalars.allSatisfy({ $0.value < 256 }) else { return Array(name.utf8) }
    return scalars.map { UInt8($0.value) }
  }

  /// Takes the next piece of the file. ``batch`` then has the records that ended in it.
  public mutating func take(_ piece: UnsafeRawBufferPointer) {
    // The fields of the row that is open are in it.
    let open = Array(batch.fields[start...])
    batch.removeAll()
    batch.add(open[...])
    start = 0
    var at = 0
    while at < piece.count {
      let byte = piece[at]
      if byte == 10 || byte == 13 {
        if !isBetween { endRow() }
        isBetween = true
        at += 1
        continue
      }
      isBetween = false
      hasBytes = true
      if isHeader {
        if header.count < TableValidator.longestHeader { header.append(byte) }
        at += 1
      } else if separator.isEmpty {
        if isWanted { row.take(byte) }
        at += 1
      } else if !isWanted {
        at = endOfRow(piece, at)
      } else if matched > 0 || byte == separator[0] {
        match(byte)
        at += 1
      } else {
        let end = endOfPlain(piece, at)
        takeCell(piece, at..<end)
        at = end
      }
    }
  }

  /// Ends the file. ``batch`` then has the last record, if it did not end with a newline.
  public mutating func finish() {
    let open = Array(batch.fields[start...])
    batch.removeAll()
    batch.add(open[...])
    start = 0
    if hasBytes, !isBetween { endRow() }
  }

  private func endOfPlain(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let first = separator[0]
    var at = start
    while at < piece.count, piece[at] != first, piece[at] != 10, piece[at] != 13 { at += 1 }
    return at
  }

  private func endOfRow(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    while at < piece.count, piece[at] != 10, piece[at] != 13 { at += 1 }
    return at
  }

  /// Takes a byte that begins or continues a separator.
  private mutating func match(_ byte: UInt8) {
    while matched > 0, separator[matched] != byte {
      let next = fallback(matched)
      release(matched - next)
      matched = next
    }
    guard separator[matched] == byte else { return takeCell(byte) }
    matched += 1
    guard matched == separator.count else { return }
    matched = 0
    endCell()
  }

  /// Bytes that looked like a separator belong to the cell.
  private mutating func release(_ count: Int) {
    for byte in separator[..<count] { takeCell(byte) }
  }

  private func fallback(_ length: Int) -> Int {
    (1..<length).reversed().first { separator[..<$0] == separator[(length - $0)..<length] } ?? 0
  }

  private var isKey: Bool { keyName != nil && column < columns.count && columns[column] == keyName }

  private mutating func takeCell(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {
    cell.take(piece, range)
    guard isKey else { return }
    if isUTF8 { key.take(piece, range) } else { for at in range { takeKey(piece[at]) } }
  }

  private mutating func takeCell(_ byte: UInt8) {
    cell.take(byte)
    if isKey { takeKey(byte) }
  }

  /// Bytes of other charsets are shown as those of ISO 8859-1.
  private mutating func takeKey(_ byte: UInt8) {
    if isUTF8 || byte < 0x80 { return key.take(byte) }
    key.take(0xC0 | byte >> 6)
    key.take(0x80 | byte & 0x3F)
  }

  private mutating func endCell() {
    if demand.contents, column < columns.count, let name = columns[column], !cell.isEmpty {
      batch.add([RecordBatch.Field(name: name, value: cell.value)])
    }
    cell = RecordHash()
    column += 1
  }

  private mutating func endRow() {
    if isHeader { return endHeader() }
    if separator.isEmpty || !isWanted {
      batch.end(content: isWanted ? row.value : 0, from: start, key: key, keepingFields: false)
      row = RecordHash()
    } else {
      release(matched)
      matched = 0
      endCell()
      batch.end(from: start, key: key, keepingFields: demand.contents)
    }
    column = 0
    start = batch.fields.count
    key.removeAll()
    ended += 1
    isWanted = demand.wants(ended)
  }

  private mutating func endHeader() {
    isHeader = false
    if header.starts(with: [0xEF, 0xBB, 0xBF]) { header.removeFirst(3) }
    guard !separator.isEmpty, header.count < TableValidator.longestHeader else { return }
    var later: Set<UInt64> = []
    for range in TableValidator.split(header, separator).reversed() {
      let hash = FieldNameHash(header[range]).value
      let isUsed = !range.isEmpty && later.insert(hash).inserted
      columns.append(isUsed ? hash : nil)
      guard isUsed, demand.names else { continue }
      names.insert(hash, isUTF8 ? Array(header[range]) : Array(Self.latin(header[range]).utf8))
    }
    columns.reverse()
    header = []
  }

  private static func latin(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }
  }
}
