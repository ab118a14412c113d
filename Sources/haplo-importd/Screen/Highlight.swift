import ImportCore

/// Puts colour into the lines of a page: the label that a line begins with, and the words for how things stand.
enum Highlight {
  private static let reset = "\u{1B}[0m"
  private static let bold = "\u{1B}[1m"
  private static let red = "\u{1B}[31m"
  private static let green = "\u{1B}[32m"
  private static let yellow = "\u{1B}[33m"

  /// Lines in which states stand; in others the same words are somebody's prose.
  private static let labelsWithStates: Set = ["Daemon", "Server", "Source", "State", "sets"]
  /// Labels that are alarms by themselves.
  private static let alarms: Set = ["STOPPED", "OVERDUE", "CRITICAL"]

  private static let colours: [String: String] = [
    "running": green, "accepting": green, "watched": green, "archived": green, "scheduled": green,
    "unknown": yellow, "polled": yellow, "failing": yellow, "deferred": yellow, "awaiting-approval": yellow,
    "stopped": red, "lost": red, "rejected": red, "held": red, "DISK": red, "FULL": red, "key-refused": red,
    "throttled": red, "not-permitted": red, "wrong-address": red,
  ]

  /// A line that begins with its label, which may be indented.
  static func line(_ text: String) -> String {
    let indent = text.prefix { $0 == " " }
    let label = text.dropFirst(indent.count).prefix { $0 != " " }
    guard !label.isEmpty, indent.count <= 2 else { return text }
    let rest = String(text.dropFirst(indent.count + label.count))
    let isAlarm = alarms.contains(String(label))
    return indent + bold + (isAlarm ? red : "") + label + reset
      + (labelsWithStates.contains(String(label)) ? states(rest) : rest)
  }

  static func state(_ word: String) -> String { colours[word].map { $0 + word + reset } ?? word }

  /// The words that end at a blank or comma; what follows a colon is a reason. `not running` is no `running`.
  private static func states(_ text: String) -> String {
    let (head, tail) = split(text)
    var isDenied = false
    let words = head.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let core = word.prefix { $0 != "," }
      defer { isDenied = core == "not" }
      return (isDenied ? String(core) : state(String(core))) + word.dropFirst(core.count)
    }
    return words.joined(separator: " ") + tail
  }

  private static func split(_ text: String) -> (head: Substring, tail: Substring) {
    guard let colon = text.firstRange(of: ": ")?.lowerBound else { return (text[...], "") }
    return (text[..<colon], text[colon...])
  }
}
