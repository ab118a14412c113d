import ImportCore
import ImportService

/// Sets as lines of a table, page by page. A column is as wide as its widest cell so far.
struct SetTable {
  /// How the headline begins, and what is printed when there are no sets: no ids, though they may be piped to commands that
  /// read ids.
  static let headline = "SET"
  static let nothing = "no sets"
  private static let columns = [
    headline, "SOURCE", "STATE", "OUTCOME", "MODE", "FILES", "RECORDS", "NAME", "NEXT", "REASON",
  ]
  private static let stateColumn = 2

  private let style: PageStyle
  private var widths = columns.map(\.count)
  /// True as long as no set has come.
  private(set) var isEmpty = true

  init(_ style: PageStyle = .plain) { self.style = style }

  /// The next lines; the headline is before the first set.
  mutating func lines(_ sets: [SetReport]) -> [String] {
    guard !sets.isEmpty else { return [] }
    let rows = (isEmpty ? [Self.columns] : []) + sets.map(row)
    isEmpty = false
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    return rows.flatMap(lines)
  }

  /// A row as it is shown. The reason is wrapped in its own column on a terminal that has room for it there, and below the
  /// other cells on a narrower one.
  private func lines(_ row: [String]) -> [String] {
    let cells = zip(row, widths).dropLast().map { cell, width in
      cell + String(repeating: " ", count: width - cell.count)
    }
    let head = cells.joined(separator: "  ") + "  "
    let reason = row[row.count - 1]
    guard let screen = style.screen else { return [Self.trimmed(head + reason)] }
    let room = screen.columns - head.count
    var lines: [String]
    if room >= 24 || reason.isEmpty || reason.count <= room {
      let parts = PageStyle.wrapped(reason, to: max(24, room))
      let indent = String(repeating: " ", count: head.count)
      lines = [head + (parts.first ?? "")] + parts.dropFirst().map { indent + $0 }
    } else {
      lines = [head] + PageStyle.wrapped(reason, to: max(24, screen.columns - 4)).map { "    " + $0 }
    }
    lines = lines.map(Self.trimmed)
    if screen.hasColour { lines[0] = coloured(lines[0], row[Self.stateColumn]) }
    return lines
  }

  private func coloured(_ line: String, _ state: String) -> String {
    let column = widths[..<Self.stateColumn].reduce(0) { $0 + $1 + 2 }
    guard line.count >= column + state.count else { return line }
    return line.prefix(column) + Highlight.state(state) + line.dropFirst(column + state.count)
  }

  private func row(_ set: SetReport) -> [String] {
    [
      set.set.text, set.source.text, set.state.rawValue, set.outcome?.text ?? "-", set.mode ?? "-",
      set.control == nil ? "-" : String(set.files.count),
      set.records.map(String.init) ?? "-",
      PrintableText.escaping(set.name), set.next.map { style.when($0.rfc3339, "") } ?? "-",
      PrintableText.escaping(PrintableText.joiningLines(set.reason ?? "")),
    ]
  }

  private static func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
