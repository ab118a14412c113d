import ImportCore
import ImportSystem

extension FuzzTarget {
  /// The server's jobs pages. The first byte is the size of the pieces in which the rest arrives.
  static let page = FuzzTarget("page") { bytes throws(BrokenProperty) in
    guard let first = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let pieces = cut(body, Int(first) + 1)
    var page = BatchPage()
    var rows: [BatchListRow] = []
    for cells in try tableRows(pieces) {
      if let row = try? BatchListRow(cells) { rows.append(row) }
      page.take(cells)
    }
    for row in rows {
      try require(row.number >= 0 && row.opening.utf8.count >= 8, "a row without a batch")
    }
    try check(page)
    try checkLog(body, pieces)
  }

  private static let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!

  private static func cut(_ bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
  }

  /// The rows of all tables, as the client hands them on.
  private static func tableRows(_ pieces: [ArraySlice<UInt8>]) throws(BrokenProperty) -> [[PageCell]] {
    var rows: [[HTMLTableReader.Cell]] = []
    let reader = HTMLTableReader { part in
      if case .row(let cells) = part { rows.append(cells) }
      return true
    }
    for piece in pieces { _ = piece.withUnsafeBytes { reader.take($0) } }
    _ = reader.finish()
    for cells in rows {
      try require(!cells.isEmpty && cells.count <= 16, "a row of \(cells.count) cells")
      // A byte that is no UTF-8 becomes a character of three bytes.
      let longest = 3 * HTMLTableReader.longestCell
      let areShort = cells.allSatisfy { $0.text.utf8.count <= longest && $0.linkText.utf8.count <= longest }
      try require(areShort, "a cell without an end")
    }
    return rows.map { cells in
      cells.map {
        PageCell(isHeader: $0.isHeader, text: $0.text, link: $0.link, linkText: $0.linkText, isCut: $0.isCut)
      }
    }
  }

  /// Only a page with the batch's identifier ends its job, and only 0 errors are none.
  private static func check(_ page: BatchPage) throws(BrokenProperty) {
    for mode in [ImportMode.import, .dryRun] {
      let meaning = try? page.meaning(for: batch, mode, at: Timestamp(microseconds: 0))
      guard case .ended(let outcome)? = meaning else { continue }
      try require(page.isComplete && page.isOf(batch), "an end on another batch's page")
      switch outcome.state {
      case .imported, .checked: try require(outcome.errors == 0, "no errors, but \(outcome.errors ?? -1)")
      case .importedWithErrors, .checkedWithErrors:
        try require(outcome.errors ?? 0 > 0, "errors, but \(outcome.errors ?? -1)")
      case .failed: try require(outcome.errors == nil, "a number that the server does not know")
      case .pending, .stuck, .unknown: throw BrokenProperty(description: "no end: \(outcome.state)")
      }
      let isImport = outcome.state == .imported || outcome.state == .importedWithErrors
      try require(!isImport || mode == .import, "a dry run that imported")
    }
  }

  /// The log is the same, however the page is cut.
  private static func checkLog(_ body: [UInt8], _ pieces: [ArraySlice<UInt8>]) throws(BrokenProperty) {
    var whole = ServerLogReader()
    var parts = ServerLogReader()
    let text = whole.take(body)
    let joined = pieces.flatMap { parts.take($0) }
    try require(text == joined && whole.hasEnded == parts.hasEnded, "the log depends on the pieces")
    try require(text.count <= body.count, "the log is longer than its page")
  }
}
