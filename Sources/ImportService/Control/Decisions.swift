import ImportCore
import ImportSystem

/// Carries out what people decide: in the running daemon between two steps of the set, or, while it is down, in the
/// journal alone, from which the next start goes on.
struct Decisions: Sendable {
  let journal: Journal
  let spool: Spool
  let workers: WorkerPool
  let reports: SpoolReports
  let time: any Time
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
    let live = journal.deliveries { $0.set.text.hasPrefix(prefix) }
    if let whole = live.first(where: { $0.set.text == prefix }) {
      return try await decide(decision, about: whole, by: person)
    }
    // Archived sets have ids as well: what `show` finds unclear must not be decided about.
    let found = try await workers.run { [reports] () throws(SpoolReports.Failure) in try reports.find(prefix)
    }
    let sets = Set(live.map(\.set)).union(found.map(\.set)).sorted()
    guard sets.count <= 1 else {
      return .init(subject: prefix, outcome: .notFound, text: Self.several(sets))
    }
    if let delivery = live.first { return try await decide(decision, about: delivery, by: person) }
    guard let report = found.first else {
      return .init(subject: prefix, outcome: .notFound, text: "there is no set of this id")
    }
    return try await decideArchived(decision, report, by: person)
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
          subject: set.text, outcome: .refused, text: "its state has just changed; look at it again")
      }
      return .init(subject: set.text, outcome: .done, text: await text(for: event, delivery))
    }
  }

  private func decideArchived(_ decision: Decision, _ report: SetReport, by person: String) async throws
    -> DecisionResult
  {
    guard case .retry(let importAgain) = decision else {
      if decision == .discard {
        return .init(
          subject: report.set.text, outcome: .refused,
          text: "only rejected sets can be discarded; this one is \(report.state.rawValue)")
      }
      return .init(
        subject: report.set.text, outcome: .refused,
        text: report.sameAs.map { "it was skipped: the server has scheduled the same bytes as set \($0)" }
          ?? "it is archived: the server has scheduled it already")
    }
    guard importAgain else {
      return .init(
        subject: report.set.text, outcome: .refused,
        text: Self.needsImportAgain(report))
    }
    try await record(.reopened(claim: try await claim(of: report), by: person), report.set)
    return .init(
      subject: report.set.text, outcome: .done, text: "it leaves the archive and is imported again")
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

  private func text(for event: DeliveryEvent, _ delivery: Delivery) async -> String {
    switch event {
    case .retried: return "it goes back into its source's queue"
    case .approved:
      let older = journal.deliveries.contains { other in
        if case .awaitingApproval = other.stage {
          return other.source == delivery.source && other.arrival < delivery.arrival
        }
        return false
      }
      return "it is imported" + (older ? "; an older set of this source still awaits approval" : "")
    case .discarded: return "discarded; its files are being deleted"
    default: return "it is rejected"
    }
  }

  private static func needsImportAgain(_ report: SetReport) -> String {
    if let other = report.sameAs {
      return
        "it was skipped, because set \(other) with the same bytes was scheduled; say --import-again if it is to be "
        + "sent all the same"
    }
    return
      "the server has scheduled it already; say --import-again if it is to be imported once more, because the server "
      + "was restored from a backup, say"
  }

  private static func several(_ sets: [SetID]) -> String {
    "several sets begin like that: \(sets.prefix(5).map(\.text).joined(separator: ", "))\(sets.count > 5 ? ", …" : "")"
  }
}
