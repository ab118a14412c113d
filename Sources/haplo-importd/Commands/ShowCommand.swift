import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let show = Subcommand(
    name: "show", operands: "SET", operandCount: 1...1,
    summary: "shows everything about one set: files, digests, history, what happens next",
    details: """
      SET is an id or an unambiguous prefix of one; '-' reads ids from standard input.
      --server-log needs the outcome key (OutcomeKeyFile=) and the right to read its file.
      """,
    options: [.serverLog, .json]
  ) { invocation throws(Failure) in
    if invocation.has(.serverLog), invocation.has(.json) {
      throw .usage("--server-log and --json exclude each other", subcommand: "show")
    }
    let ids = try invocation.ids()
    let query = try DaemonQuery(invocation)
    var isNoted = false
    for (number, prefix) in ids.enumerated() {
      let (shown, isFromJournal) = try query.show(prefix)
      if isFromJournal, !isNoted { query.noteDaemonIsDown() }
      isNoted = isNoted || isFromJournal
      let set = try shown.one(prefix)
      if number > 0, !invocation.has(.json) { try StandardOutput.writeLine("") }
      try await print(set, shown, invocation, query)
    }
    return .done
  }

  private static func print(
    _ set: SetReport, _ shown: ShownSet, _ invocation: Invocation, _ query: DaemonQuery
  ) async throws(Failure) {
    if invocation.has(.serverLog) {
      return try await ServerLogPrinter.print(set, invocation, try query.configuration)
    }
    if invocation.has(.json) { return try StandardOutput.writeJSON(set) }
    var page = SetPage(set, shown, Terminal.style())
    if set.state == .awaitingApproval { page.comparison = query.comparison(of: set, with: shown.previous) }
    for line in page.lines { try StandardOutput.writeStyled(line) }
  }
}

extension DaemonQuery {
  /// What `show` prints of a set, as the daemon or, while it is down, the disk says.
  func show(_ prefix: String) throws(Failure) -> (ShownSet, isFromJournal: Bool) {
    if case .shown(let answer) = try ask(.show(prefix: prefix)) { return (answer, false) }
    let reports = try reports()
    return (try onDisk { () throws(SpoolReports.Failure) in try reports.show(prefix) }, true)
  }
}

extension DaemonQuery {
  /// What became of a set's records since another one; nothing if that is not known.
  func comparison(of set: SetReport, with previous: SetID?) -> [String] {
    guard let previous, let last = try? show(previous.text).0.set else { return [] }
    return RecordSummary.lines(of: set, since: last, fileSystem: FileSystem())
  }
}

extension ShownSet {
  /// The set; throws if there is none, or several.
  func one(_ prefix: String) throws(Failure) -> SetReport {
    if let set { return set }
    guard !candidates.isEmpty else { throw .notFound("there is no set '\(prefix)'\(Self.hint(prefix))") }
    let names = candidates.prefix(5).map(\.text).joined(separator: ", ")
    throw .notFound("'\(prefix)' is ambiguous: \(names)\(candidates.count > 5 ? ", …" : "")")
  }

  /// Where ids are found, for who gives something that cannot be one, such as the name of a folder.
  private static func hint(_ prefix: String) -> String {
    guard prefix.utf8.first.map({ !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) ?? false else {
      return ""
    }
    return ". SET is an id from the first column of 'haplo-importd list'; "
      + "'haplo-importd list --name \(ShellWord(prefix))' lists the sets of a name"
  }
}

private struct SetPage {
  private let set: SetReport
  private let shown: ShownSet

  private let style: PageStyle
  /// What became of its records since the set before.
  var comparison: [String] = []

  init(_ set: SetReport, _ shown: ShownSet, _ style: PageStyle = .plain) {
    self.set = set
    self.shown = shown
    self.style = style
  }

  var lines: [String] {
    let facts = facts.flatMap { fact in style.lines(Self.padded(fact.0) + fact.1, indent: 12) }
    let records = comparison.isEmpty ? [] : ["", "Records"] + comparison.map { "  " + $0 }
    let rest = fileLines + records + historyLines + ["", "Next", "  " + shown.outlook]
    return facts + rest.flatMap { style.lines($0, indent: 4) }
  }

  private func time(_ moment: Timestamp?) -> String? { moment.map { style.time($0.rfc3339) } }

  private var facts: [(String, String)] {
    let required: [(String, String?)] = [
      ("Set", set.set.text), ("Source", set.source.text), ("State", set.state.rawValue),
      ("Outcome", outcome), ("Mode", set.mode),
      ("Dropped as", "\(set.name) (\(set.form.rawValue))"), ("Completed", time(set.completed)),
      ("Claimed", time(set.claimed)), ("Scheduled", time(set.scheduled)),
      ("Archived", time(set.archived)),
      ("Files", time(set.filesRemoved).map { "deleted at \($0) (ArchiveFilesKeepSec=)" }),
      ("Server", set.server), ("Batch", set.batch?.text),
      ("Same as", set.sameAs?.text),
      (
        "Orphaned", set.orphanedBatches.isEmpty ? nil : set.orphanedBatches.map(\.text).joined(separator: " ")
      ), ("Attempts", String(set.attempts)), ("Next try", time(set.next)), ("Reason", reason),
      ("Remedy", set.remedy), ("Path", set.path),
    ]
    return required.compactMap { fact in fact.1.map { (fact.0, $0) } }
  }

  private var outcome: String? {
    guard let outcome = set.outcome else { return nil }
    let seen = outcome.seen.map { ", seen \(style.time($0.rfc3339))" } ?? ""
    return outcome.text + seen + (outcome.reason.map { ": \($0)" } ?? "")
  }

  private var reason: String? {
    guard let reason = set.reason else { return nil }
    let place = [set.step?.rawValue, set.key, set.http.map { "HTTP \($0)" }].compactMap(\.self)
    return PrintableText.joiningLines(reason) + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))")
  }

  private var fileLines: [String] {
    guard let control = set.control else { return [] }
    let files = [("control", control)] + set.files.map { ($0.key ?? "", $0) }
    let width = files.map { $0.0.count }.max() ?? 0
    return ["", "Files"]
      + files.map { key, file in
        let records = file.records.map { "\($0) record\($0 == 1 ? "" : "s")  " } ?? ""
        return
          "  \(key)\(String(repeating: " ", count: width - key.count))  \(file.sha256)  \(file.size) bytes  "
          + records + file.file
      }
  }

  private var historyLines: [String] {
    guard !shown.history.isEmpty else { return [] }
    let names = Self.words(shown.history.map(\.event))
    let width = names.map(\.count).max() ?? 0
    return ["", "History"]
      + zip(shown.history, names).map { line, name in
        let detail = PrintableText.joiningLines(line.detail)
        let space = detail.isEmpty ? "" : String(repeating: " ", count: width - name.count + 2)
        return "  \(style.clockTime(line.time))  \(name)\(space)\(detail)"
      }
  }

  /// Names of events in the journal as people read them: `batchCreated` is `batch created`.
  private static func words(_ events: [String]) -> [String] {
    var place = ""
    return events.map { event in
      if event == "rejected" || event == "held" { place = event }
      return switch event {
      case "claimBegun": "claim started"
      case "inspected": "files read"
      case "controlMissed": "control file new"
      case "scheduleIntended": "about to schedule"
      case "filed": "moved to \(place)/"
      case "returned": "moved back to work/"
      case "removed": "files deleted"
      default: event.reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : String($1) }
      }
    }
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count))
  }
}
