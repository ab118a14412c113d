import ImportCore
import ImportService

/// How a page is shown: on a terminal to a person, or plainly to whatever else reads it. Plain pages have absolute times
/// in UTC, no colour, and lines as long as they are.
struct PageStyle: Sendable {
  /// The terminal; nil for plain pages.
  struct Screen: Sendable {
    var columns: Int
    var rows: Int
    var hasColour: Bool
    /// True if it can show block elements.
    var hasBlocks: Bool
    var clock: LocalClock
  }

  var screen: Screen?

  static let plain = PageStyle(screen: nil)

  /// A moment in full: `2026-11-24 08:05:12+01:00 (3 h ago)`, or as it is.
  func time(_ text: String) -> String {
    guard let clock = screen?.clock, let moment = Timestamp(text) else { return text }
    return "\(clock.text(moment)) (\(clock.relative(moment)))"
  }

  /// A moment of a history, for which the distance to now does not matter.
  func clockTime(_ text: String) -> String {
    guard let clock = screen?.clock, let moment = Timestamp(text) else { return text }
    return clock.text(moment)
  }

  /// When something is or was: `3 min ago`, `in 40 s`; for plain pages `word` and the moment as it is.
  func when(_ text: String, _ word: String) -> String {
    guard let clock = screen?.clock, let moment = Timestamp(text) else {
      return word.isEmpty ? text : "\(word) \(text)"
    }
    return clock.relative(moment)
  }

  /// A line as it is shown: control characters escaped, wrapped to the terminal's width with the following lines indented,
  /// and then coloured. Plain pages have it in one line.
  func lines(_ text: String, indent: Int = 11) -> [String] {
    let text = PrintableText.escaping(text)
    guard let screen else { return [text] }
    let indent = indent < screen.columns / 2 ? indent : 2
    var lines = Self.wrapped(text, to: screen.columns, indent: indent)
    if screen.hasColour, let first = lines.first { lines[0] = Highlight.line(first) }
    return lines
  }

  /// Breaks a text between words, or within a word that is longer than a line, so that nothing is cut off.
  static func wrapped(_ text: String, to columns: Int, indent: Int = 0) -> [String] {
    guard columns > indent, text.count > columns else { return [text] }
    var lines: [String] = []
    var rest = text[...]
    let space = String(repeating: " ", count: indent)
    while true {
      let room = lines.isEmpty ? columns : columns - indent
      guard rest.count > room else { return lines + [(lines.isEmpty ? "" : space) + rest] }
      let limit = rest.index(rest.startIndex, offsetBy: room)
      // A blank just behind the limit ends a word that fits; the blanks that a line begins with end none.
      let start = rest.firstIndex { $0 != " " } ?? limit
      let blank = rest[...limit].lastIndex(of: " ").flatMap { $0 > start ? $0 : nil }
      var line = rest[..<(blank ?? limit)]
      while line.last == " " { line.removeLast() }
      lines.append((lines.isEmpty ? "" : space) + line)
      rest = rest[(blank ?? limit)...].drop { $0 == " " }
      if rest.isEmpty { return lines }
    }
  }

  /// The first so many characters; `…` in place of the last one if there are more.
  static func cut(_ text: String, to columns: Int) -> String {
    guard text.count > columns, columns > 0 else { return text }
    return text.prefix(columns - 1) + "…"
  }
}
