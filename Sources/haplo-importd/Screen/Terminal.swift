import CLinux
import FoundationEssentials
import Glibc
import ImportCore
import ImportRuntime
import ImportService

/// The terminal that standard output is connected to, if it is.
enum Terminal {
  static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

  /// True if a page can be drawn there in place of an earlier one.
  static var canBeDrawnOn: Bool { isThere && !isDumb(ProcessInfo.processInfo.environment) }

  /// How pages are shown there; plainly where it is no terminal.
  static func style(now: Timestamp = SystemTime().now) -> PageStyle {
    isThere ? style(ProcessInfo.processInfo.environment, now: now) : .plain
  }

  private static func style(_ environment: [String: String], now: Timestamp) -> PageStyle {
    let (columns, rows) = size(environment)
    return PageStyle(
      screen: .init(
        columns: columns, rows: rows, hasColour: hasColour(environment), hasBlocks: hasBlocks(environment),
        clock: .local(now: now)))
  }

  /// No colour for those who do not want any (`NO_COLOR`, https://no-color.org) and terminals that have none.
  static func hasColour(_ environment: [String: String]) -> Bool {
    environment["NO_COLOR", default: ""].isEmpty && !isDumb(environment)
  }

  private static func isDumb(_ environment: [String: String]) -> Bool {
    ["", "dumb"].contains(environment["TERM", default: ""])
  }

  /// The first of these variables that is set decides (locale(7)).
  private static func hasBlocks(_ environment: [String: String]) -> Bool {
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    return ["utf-8", "utf8"].contains { locale.lowercased().hasSuffix($0) }
  }

  private static func size(_ environment: [String: String]) -> (columns: Int, rows: Int) {
    var columns: UInt16 = 0
    var rows: UInt16 = 0
    if haplo_window_size(&columns, &rows) == 0, columns > 0, rows > 0 { return (Int(columns), Int(rows)) }
    return (number(environment["COLUMNS"]) ?? 80, number(environment["LINES"]) ?? 24)
  }

  private static func number(_ text: String?) -> Int? {
    text.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
