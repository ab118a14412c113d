import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension CommandOption {
  static let state = CommandOption(
    "state", argument: "STATE", help: "only sets in this state; may be repeated")
  static let source = CommandOption(
    "source", argument: "NAME", help: "only sets of this source; may be repeated")
  static let nameFilter = CommandOption(
    "name", argument: "GLOB", help: "only sets whose folder or control file matches GLOB")
  static let since = CommandOption("since", argument: "TIME", help: "only sets completed at TIME or later")
  static let until = CommandOption("until", argument: "TIME", help: "only sets completed at TIME or before")
  static let limit = CommandOption("limit", argument: "N", help: "only the N newest sets")
  static let all = CommandOption("all", help: "all sets, however many are finished")
}

extension Subcommand {
  static let list = Subcommand(
    name: "list", summary: "lists sets, newest last",
    details: """
      Without a filter, lists every unfinished set and the \(SetSelection.finishedByDefault) last archived ones.
      States are: \(SetState.allCases.map(\.rawValue).joined(separator: ", ")).
      TIME is a date (2026-11-24), a date and time (2026-11-24T07:05:12Z), both in UTC,
      'today', 'yesterday', or a time span before now (3d, 2h 30min).
      """,
    options: [.state, .source, .nameFilter, .since, .until, .limit, .all, .json]
  ) { invocation throws(Failure) in
    let selection = try SetSelection(invocation, subcommand: "list")
    var pages = ListPages(try DaemonQuery(invocation), selection)
    var table = SetTable(Terminal.style())
    while let sets = try pages.next() {
      if invocation.has(.json) {
        for set in sets { try StandardOutput.writeJSON(set) }
      } else {
        for line in table.lines(sets) { try StandardOutput.writeStyled(line) }
      }
    }
    if !invocation.has(.json), table.isEmpty { try StandardOutput.writeLine(SetTable.nothing) }
    return .done
  }
}

/// Fetches a list page by page: from the daemon or, while it is down, from the disk.
struct ListPages {
  private let query: DaemonQuery
  private let selection: SetSelection
  private let isQuiet: Bool
  private var reports: SpoolReports?
  private var cursor: ListCursor?
  private var isDone = false

  /// - Parameter isQuiet: True if nothing is to be printed about a daemon that is down.
  init(_ query: DaemonQuery, _ selection: SetSelection, isQuiet: Bool = false) {
    self.query = query
    self.selection = selection
    self.isQuiet = isQuiet
  }

  /// True if the daemon is down, so that the sets are those of its journal.
  var isFromJournal: Bool { reports != nil }

  /// The next sets; nil at the end.
  mutating func next() throws(Failure) -> [SetReport]? {
    if isDone { return nil }
    let page = try self.page()
    cursor = page.next
    isDone = page.next == nil
    return page.sets
  }

  private mutating func page() throws(Failure) -> ListPage {
    if reports == nil, case .sets(let page) = try query.ask(.list(selection, cursor)) { return page }
    if reports == nil {
      reports = try query.reports()
      if !isQuiet { query.noteDaemonIsDown() }
    }
    guard let reports else { preconditionFailure("the reports were made just now") }
    return try query.onDisk { () throws(SpoolReports.Failure) in try reports.list(selection, cursor) }
  }
}

extension SetSelection {
  /// Takes the filters that a command was called with.
  init(_ invocation: Invocation, subcommand: String) throws(Failure) {
    self.init()
    for word in invocation.arguments(of: .state) {
      guard let state = SetState(rawValue: word) else {
        let hint = Spelling.hint(for: word, among: SetState.allCases.map(\.rawValue))
        throw .usage("there is no state '\(word)'\(hint)", subcommand: subcommand)
      }
      states.insert(state)
    }
    for word in invocation.arguments(of: .source) {
      guard let source = SourceName(word) else { throw .notFound("'\(word)' cannot be the name of a source") }
      sources.insert(source)
    }
    name = invocation.argument(of: .nameFilter)
    if let name, Glob(name) == nil {
      throw .usage("'\(name)' is no pattern for a name", subcommand: subcommand)
    }
    since = try Self.moment(invocation, .since, subcommand)
    until = try Self.moment(invocation, .until, subcommand)
    if let text = invocation.argument(of: .limit) {
      guard let number = Int(text), number > 0 else {
        throw .usage("--limit needs a number of sets, not '\(text)'", subcommand: subcommand)
      }
      limit = number
    }
    all = invocation.has(.all)
  }

  private static func moment(_ invocation: Invocation, _ option: CommandOption, _ subcommand: String)
    throws(Failure) -> Timestamp?
  {
    guard let text = invocation.argument(of: option) else { return nil }
    if let moment = WrittenTime.moment(text, now: SystemTime().now, isEnd: option.name == "until") {
      return moment
    }
    throw .usage(
      "--\(option.name) needs a time such as 2026-11-24, 2026-11-24T07:05:12Z, yesterday or 3d, not '\(text)'",
      subcommand: subcommand)
  }
}
