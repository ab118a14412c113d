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

  /// A line as it is shown: control characters escaped, cut to the terminal's width, and then coloured.
  func line(_ text: String) -> String {
    let text = LogEvent.escapingControls(text)
    guard let screen else { return text }
    let shown = Self.cut(text, to: screen.columns)
    return screen.hasColour ? Highlight.line(shown) : shown
  }

  /// The first so many characters; `…` in place of the last one if there are more.
  static func cut(_ text: String, to columns: Int) -> String {
    guard text.count > columns, columns > 0 else { return text }
    return text.prefix(columns - 1) + "…"
  }
}
