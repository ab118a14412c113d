import ImportCore
import ImportStorage

/// What a person is told of a set that was rejected or held, by whatever haplo-importd-notify@.service starts. It is
/// text as a mail is: a subject, an empty line, and the words of REASON.txt.
struct Notice: Sendable {
  /// The set; also the name of the notice's file, so that a set has one notice at most.
  let set: SetID
  let text: String

  /// The most bytes of a notice; REASON.txt has all of it.
  static let largest = 16 << 10

  /// Describes a set that stands at `path` now.
  init(_ filed: FiledReason, path: String) {
    set = filed.set
    let verb = filed.state == .held ? "is held" : "was rejected"
    let body = ReasonText(filed).text
    let isLong = body.utf8.count > Self.largest
    let shown = isLong ? String(decoding: body.utf8.prefix(Self.largest), as: UTF8.self) + "...\n" : body
    text = """
      Subject: haplo-importd: set \(filed.set) of source \(filed.source) \(verb)

      \(shown)
      Its folder, with \(isLong ? "all of this in REASON.txt" : "this as REASON.txt"): \(path)
      More: haplo-importd show \(filed.set)

      """
  }
}

extension Notice {
  /// Tells of a job that needs a person.
  init(_ settled: SettledOutcome) {
    set = settled.set
    let words =
      switch settled.outcome.state {
      case .importedWithErrors: "was imported with \(settled.outcome.errors ?? 0) errors"
      case .stuck: "is stuck on the server"
      default: "failed on the server"
      }
    let facts: [(String, String?)] = [
      ("Outcome", settled.outcome.text), ("Batch", settled.batch.text), ("Server", settled.server),
      ("Seen", settled.outcome.seen?.rfc3339), ("Reason", settled.outcome.reason),
    ]
    let lines = facts.compactMap { name, value in value.map { "\(name): \(PrintableText.escaping($0))" } }
    text = """
      Subject: haplo-importd: set \(settled.set) of source \(settled.set.source) \(words)

      \(lines.joined(separator: "\n"))

      What to do
        \(settled.remedy ?? "Look at the server's list of batches.")

      More: haplo-importd show \(settled.set)

      """
  }
}

extension SettledOutcome {
  /// The action that is left to a person; nil where there is none.
  var remedy: String? {
    switch outcome.state {
    case .pending, .imported, .checked: nil
    case .importedWithErrors, .checkedWithErrors:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records or values with errors are missing"
    case .failed:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records before the failure may have been imported. "
        + "Correct the export and drop it again"
    case .stuck:
      "the job will never run or never end: the server was stopped in the middle. Ask the server's administrator, who can see "
        + "the job at \(page), then import the set again with 'haplo-importd retry --import-again \(set)'"
    case .unknown:
      "look for the set's batch in the server's list of batches: \(server)\(BatchListRow.listPath)"
    }
  }

  /// Address of the batch's page, or of the list where its number is not known.
  private var page: String {
    server + (number.map { "\(BatchListRow.pagePath)\($0)" } ?? BatchListRow.listPath)
  }
}
