import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let show = Subcommand(
    name: "show", operands: "SET", operandCount: 1...1,
    summary: "shows everything about one set: files, digests, what happened, what happens next",
    details: "SET is a set's id, or as much of its beginning as no other one has.",
    options: [.json]
  ) { invocation throws(Failure) in
    let prefix = invocation.operands[0]
    let query = try DaemonQuery(invocation)
    let shown: ShownSet
    if case .shown(let answer) = try query.ask(.show(prefix: prefix)) {
      shown = answer
    } else {
      query.noteDaemonIsDown()
      shown = try query.onDisk { reports throws(SpoolReports.Failure) in try reports.show(prefix) }
    }
    guard let set = shown.sets.first else { throw .notFound("there is no set '\(prefix)'") }
    guard shown.sets.count == 1 else { throw .notFound(ambiguous(prefix, shown.sets)) }
    if invocation.has(.json) {
      try StandardOutput.writeJSON(set)
    } else {
      try StandardOutput.writeLine(SetPage(set, shown, Terminal.style()).text)
    }
    return .done
  }

  private static func ambiguous(_ prefix: String, _ sets: [SetReport]) -> String {
    let names = sets.prefix(5).map(\.set.text).joined(separator: ", ")
    return "'\(prefix)' could be any of \(sets.count) sets: \(names)\(sets.count > 5 ? ", …" : "")"
  }
}

/// One set on a page.
struct SetPage {
  private let set: SetReport
  private let shown: ShownSet

  private let style: PageStyle

  init(_ set: SetReport, _ shown: ShownSet, _ style: PageStyle = .plain) {
    self.set = set
    self.shown = shown
    self.style = style
  }

  var text: String {
    (facts.map { fact(Self.padded($0.0) + LogEvent.escapingControls($0.1)) } + fileLines + historyLines
      + ["", "Next", "  " + LogEvent.escapingControls(shown.outlook)]).joined(separator: "\n")
  }

  /// A page of facts is read in full: lines are coloured, and never cut.
  private func fact(_ line: String) -> String {
    style.screen?.hasColour == true ? Highlight.line(line) : line
  }

  private func time(_ moment: Timestamp?) -> String? { moment.map { style.time($0.rfc3339) } }

  private var facts: [(String, String)] {
    let required: [(String, String?)] = [
      ("Set", set.set.text), ("Source", set.source.text), ("State", set.state.rawValue),
      ("Mode", set.mode),
      ("Dropped as", "\(set.name) (\(set.form.rawValue))"), ("Completed", time(set.completed)),
      ("Claimed", time(set.claimed)), ("Scheduled", time(set.scheduled)),
      ("Archived", time(set.archived)),
      ("Server", set.server), ("Batch", set.batch?.text),
      ("Same as", set.sameAs?.text),
      (
        "Orphaned", set.orphanedBatches.isEmpty ? nil : set.orphanedBatches.map(\.text).joined(separator: " ")
      ),
      ("Attempts", String(set.attempts)), ("Next try", time(set.next)), ("Reason", reason),
      ("Remedy", set.remedy),
      ("Path", set.path),
    ]
    return required.compactMap { fact in fact.1.map { (fact.0, $0) } }
  }

  private var reason: String? {
    guard let reason = set.reason else { return nil }
    let place = [set.step?.rawValue, set.key, set.http.map { "HTTP \($0)" }].compactMap(\.self)
    return reason.split(separator: "\n").joined(separator: "; ")
      + (place.isEmpty ? "" : " (\(place.joined(separator: ", ")))")
  }

  private var fileLines: [String] {
    guard let control = set.control else { return [] }
    let files = [("control", control)] + set.files.map { ($0.key ?? "", $0) }
    let width = files.map { $0.0.count }.max() ?? 0
    return ["", "Files"]
      + files.map { key, file in
        "  \(key)\(String(repeating: " ", count: width - key.count))  \(file.sha256)  \(file.size) bytes  "
          + LogEvent.escapingControls(file.file)
      }
  }

  private var historyLines: [String] {
    guard !shown.history.isEmpty else { return [] }
    let names = shown.history.map { Self.words($0.event) }
    let width = names.map(\.count).max() ?? 0
    return ["", "History"]
      + zip(shown.history, names).map { line, name in
        let space = line.detail.isEmpty ? "" : String(repeating: " ", count: width - name.count + 2)
        return "  \(style.clockTime(line.time))  \(name)\(space)\(LogEvent.escapingControls(line.detail))"
      }
  }

  /// An event's name in the journal as people read it: `batchCreated` is `batch created`.
  private static func words(_ event: String) -> String {
    event.reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : String($1) }
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 12 - name.count))
  }
}
