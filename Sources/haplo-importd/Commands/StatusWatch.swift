import Glibc
import ImportCore
import ImportService
import ImportSystem

/// Shows how things stand every second, until somebody has seen enough. A daemon that goes away or comes back meanwhile
/// is no reason to end.
struct StatusWatch {
  private static let interval: Int32 = 1000
  /// How many seconds the daemon may be silent, during which keys are not looked at.
  private static let patience = 2

  private let query: DaemonQuery
  private var rates = UploadRates()

  init(_ query: DaemonQuery) { self.query = query }

  /// Returns when a key or signal ends it. Throws what keeps even the first page from being shown.
  mutating func run() throws(Failure) {
    // Before the terminal is taken over, so that whoever may not ask reads why.
    var page = try page(Terminal.style())
    let terminal = try WatchedTerminal()
    repeat {
      let style = Terminal.style()
      try terminal.draw(Self.fitting(page, style))
      if try terminal.wait(Self.interval) == .end { return }
      do throws(Failure) {
        page = try self.page(Terminal.style())
      } catch {
        page = ["\(error)", "Retried every second."].flatMap { style.lines($0) }
      }
    } while true
  }

  private mutating func page(_ style: PageStyle) throws(Failure) -> [String] {
    let answer = try StatusAnswer(query, patience: Self.patience)
    rates.observe(answer.report.uploads)
    let note = answer.isFromJournal ? style.lines("Note     \(DaemonQuery.daemonIsDown)") : []
    return note + StatusPage(answer.report, style, rates: rates).lines
  }

  /// As much of a page as there is room for, and how to end it.
  private static func fitting(_ page: [String], _ style: PageStyle) -> [String] {
    guard let rows = style.screen?.rows else { return page }
    let rest = page.count > rows - 1 ? ["… (\(page.count - rows + 2) more lines)"] : []
    let shown = page.prefix(rows - 1 - rest.count) + rest
    return shown + Array(repeating: "", count: max(0, rows - 1 - shown.count)) + ["q ends"]
  }
}
