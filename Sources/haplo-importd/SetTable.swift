import ImportCore
import ImportService

/// Sets as lines of a table.
struct SetTable {
  /// How the headline begins, and what stands there when there are no sets: no ids, though they may be piped to
  /// commands that read ids.
  static let headline = "SET"
  static let nothing = "no sets"

  private let sets: [SetReport]

  private let style: PageStyle

  init(_ sets: [SetReport], _ style: PageStyle = .plain) {
    self.sets = sets
    self.style = style
  }

  /// The table with a headline; a sentence if there is nothing in it.
  var text: String {
    guard !sets.isEmpty else { return Self.nothing }
    let rows = [[Self.headline, "STATE", "MODE", "FILES", "NAME", "NEXT", "REASON"]] + sets.map(row)
    let widths = (0..<6).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { index, cell in
        index < widths.count ? cell + String(repeating: " ", count: widths[index] - cell.count) : cell
      }
      return shown(Self.trimmed(cells.joined(separator: "  ")), row[1], at: widths[0] + 2)
    }.joined(separator: "\n")
  }

  /// A line as it is shown: cut to the terminal's width, its state in colour.
  private func shown(_ line: String, _ state: String, at column: Int) -> String {
    guard let screen = style.screen else { return line }
    let line = PageStyle.cut(line, to: screen.columns)
    guard screen.hasColour, line.count >= column + state.count else { return line }
    return line.prefix(column) + Highlight.state(state) + line.dropFirst(column + state.count)
  }

  private func row(_ set: SetReport) -> [String] {
    [
      set.set.text, set.state.rawValue, set.mode ?? "-",
      set.control == nil ? "-" : String(set.files.count),
      LogEvent.escapingControls(set.name), set.next.map { style.when($0.rfc3339, "") } ?? "-",
      Self.firstLine(set.reason ?? ""),
    ]
  }

  private static func firstLine(_ text: String) -> String {
    LogEvent.escapingControls(text.split(separator: "\n").first.map(String.init) ?? "")
  }

  private static func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}
