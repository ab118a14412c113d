import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Carries out what people decide: in the running daemon between two steps of the set, or, while it is down, in a command that
/// holds the state directory's lock.
struct Decisions: Sendable {
  let journal: Journal
  let spool: Spool
  let workers: WorkerPool
  let reports: SpoolReports
  let time: any Time
  /// True in the daemon, which goes on with the set after the answer; false in a command that ends.
  var isRunning = true
  /// Records a decision, and has the daemon act on it.
  let record: @Sendable (DeliveryEvent, SetID) async throws -> Void

  /// Decides about all sets whose ids begin with one of `prefixes`, each of which must mean exactly one.
  func decide(_ decision: Decision, about prefixes: [String], by person: String) async throws
    -> [DecisionResult]
  {
    var results: [DecisionResult] = []
    for prefix in prefixes { results.append(try await decide(decision, about: prefix, by: person)) }
    return results
  }

  private func decide(_ decision: Decision, about prefix: String, by person: String) async throws
    -> DecisionResult
  {
    guard Self.hasDate(prefix) else {
      return .init(
        subject: prefix, outcome: .notFound,
        text: "there is no set of this id; a decision needs at least the date of the id (8 digits)")
    }
    // Archived sets have ids as well: a prefix that `show` finds ambiguous must not be decided about.
    let candidates = try await read { reports throws(SpoolReports.Failure) in try reports.candidates(prefix) }
    guard candidates.count <= 1 else {
      return .init(subject: prefix, outcome: .notFound, text: Self.several(candidates))
    }
    if let set = candidates.first {
      if let delivery = journal.delivery(set) {
        return try await decide(decision, about: delivery, by: person)
      }
      let report = try await read { reports throws(SpoolReports.Failure) in try reports.report(of: set) }
      if let report { return try await decideArchived(decision, report, by: person) }
    }
    return .init(subject: prefix, outcome: .notFound, text: "there is no set of this id")
  }

  /// True if a text begins with the eight digits of a date, as every id does. A shorter prefix is too easily the only one by
  /// chance.
  private static func hasDate(_ prefix: String) -> Bool {
    let digits = prefix.utf8.prefix(8)
    return digits.count == 8 && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (SpoolReports) throws(SpoolReports.Failure) -> Value
  ) async throws -> Value {
    try await workers.run { [reports] () throws(SpoolReports.Failure) in try body(reports) }
  }

  private func decide(_ decision: Decision, about delivery: Delivery, by person: String) async throws
    -> DecisionResult
  {
    let set = delivery.set
    let hasFolder = try await workers.run { [spool] () throws(SystemError) in
      try spool.hasFolder(of: set, in: delivery.area)
    }
    switch decision.event(for: delivery, hasFolder: hasFolder, by: person, now: time.now) {
    case .failure(let refusal): return .init(subject: set.text, outcome: refusal.outcome, text: refusal.text)
    case .success(let event):
      do {
        try await record(event, set)
      } catch JournalFailure.contradiction {
        return .init(
          subject: set.text, outcome: .refused, text: "the set's state has just changed; look at it again")
      }
      return .init(subject: set.text, outcome: .done, text: text(for: event, delivery))
    }
  }

  private func decideArchived(_ decision: Decision, _ report: SetReport, by person: String) async throws
    -> DecisionResult
  {
    let subject = report.set.text
    guard case .retry(let importAgain) = decision else {
      let text =
        decision == .discard
        ? "only rejected sets can be discarded; this set is \(report.state.rawValue)"
        : report.sameAs.map { "the set was skipped: the server has scheduled the same bytes as set \($0)" }
          ?? "the set is archived: the server has scheduled it already"
      return .init(subject: subject, outcome: .refused, text: text)
    }
    guard importAgain else {
      return .init(subject: subject, outcome: .refused, text: Self.needsImportAgain(report))
    }
    let claim: Claim
    do {
      claim = try await self.claim(of: report)
    } catch let error as SystemError where error.isMissing {
      return .init(subject: subject, outcome: .notFound, text: Self.filesAreGone(report))
    }
    try await record(.reopened(claim: claim, by: person), report.set)
    return .init(subject: subject, outcome: .done, text: "queued for re-import from the archive")
  }

  /// The claim of an archived set, as far as its next life needs it.
  private func claim(of report: SetReport) async throws -> Claim {
    let name = report.control?.file ?? Spool.fixedControlName
    let isInside = try await workers.run { [spool] () throws(SystemError) in
      let folder = try spool.existingFolder(.archive, for: report.set)
      return try folder?.openDirectory(report.set.text).openDirectory(Spool.filesName).status(name) != nil
    }
    return Claim(
      form: report.form, name: report.name, directory: report.path, control: isInside ? name : nil,
      completed: report.completed, items: [])
  }

  private func text(for event: DeliveryEvent, _ delivery: Delivery) -> String {
    switch event {
    case .retried:
      let warning = OlderSet.warning(
        completed: delivery.claim.completed, delivery.source, journal.history(of: delivery.source))
      let remedy = "; to prevent that, run 'haplo-importd reject \(delivery.set) --reason TEXT' now"
      return "requeued" + (warning.map { ". Warning: \($0)\(remedy)" } ?? "")
    case .approved:
      let older = journal.deliveries { other in
        if case .awaitingApproval = other.stage {
          return other.source == delivery.source && other.arrival < delivery.arrival
        }
        return false
      }
      return Self.warning(of: delivery.dryRunOutcome) + "approved; queued for import"
        + (older.isEmpty ? "" : "; an older set of this source still awaits approval")
    case .discarded:
      let isDone = !isRunning && journal.delivery(delivery.set) == nil
      return
        "discarded; its files are \(isDone ? "deleted" : isRunning ? "being deleted" : "still to be deleted")"
    default: return "rejected"
    }
  }

  /// What an approval goes against; empty for a dry run without errors.
  private static func warning(of outcome: JobOutcome?) -> String {
    switch outcome?.state {
    case nil, .checked, .pending, .imported, .importedWithErrors: ""
    case .checkedWithErrors: "warning: the dry run ended with \(outcome?.errors ?? 0) errors; "
    case .failed: "warning: the dry run failed on the server, and the import will most likely fail as well; "
    case .stuck: "warning: the dry run is stuck on the server; "
    case .unknown: "warning: the result of the dry run is unknown; "
    }
  }

  private static func filesAreGone(_ report: SetReport) -> String {
    let cause =
      report.filesRemoved.map {
        "the set's files were deleted at \($0.rfc3339) (ArchiveFilesKeepSec=); only its receipt is kept"
      } ?? "the set's folder is gone: '\(report.path)'"
    return "\(cause). To import the set again, drop it again"
  }

  private static func needsImportAgain(_ report: SetReport) -> String {
    if let other = report.sameAs {
      return
        "the set was skipped: set \(other) with the same bytes was scheduled. To import this set all the same, run "
        + "'haplo-importd retry --import-again \(report.set)'"
    }
    return
      "the server has scheduled the set already. To import it once more (because the server was restored from a "
      + "backup, say), run 'haplo-importd retry --import-again \(report.set)'"
  }

  private static func several(_ sets: [SetID]) -> String {
    "several sets begin like that: \(sets.prefix(5).map(\.text).joined(separator: ", "))\(sets.count > 5 ? ", …" : "")"
  }
}
