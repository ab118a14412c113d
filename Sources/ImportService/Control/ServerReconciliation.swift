import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage

/// Settles sets in doubt by the server's list of batches (`reconcile`): sets that are held as possibly scheduled, and, while
/// nothing is delivered, those that the journal takes for unscheduled. In the running daemon or, while it is down, in the journal alone.
struct ServerReconciliation: Sendable {
  let journal: Journal
  let configuration: Configuration
  let log: any Log
  /// The way to the list; nil without an outcome key.
  let pages: JobPages?
  /// True while no daemon runs. Sets that wait to be scheduled or approved are compared then as well: a machine that was set back to a snapshot has an
  /// old archive beside its old journal, and only the server knows what was scheduled since.
  let isDaemonDown: Bool
  /// Records an event, and has the daemon act on it.
  let record: @Sendable (DeliveryEvent, SetID) async throws -> Void
  /// Records that a job is to be followed.
  let follow: @Sendable (OpenOutcome) async throws -> Void
  /// Records that an outdated journal is compared, and lets intake and deliveries go on.
  let resume: @Sendable (_ person: String) async throws -> Void
  let time: any Time

  /// Compares, and with `dryRun` only says what would be done.
  func run(dryRun: Bool, by person: String) async throws -> [DecisionResult] {
    guard let pages else {
      return [
        .init(
          subject: "reconcile", outcome: .keyRefused,
          text:
            "the server's list of batches cannot be read: OutcomeKeyFile= is not set. See docs/outcomes.md, or compare "
            + "the list yourself and run 'haplo-importd reconcile --assume-new'")
      ]
    }
    let isOutdated = journal.outdated != nil
    let sets = journal.deliveries { delivery in
      delivery.server.map { $0 == configuration.server.url } ?? true && delivery.canBeReconciled
        && (isOutdated || isDaemonDown || delivery.filedPlace != nil)
    }
    guard isOutdated || !sets.isEmpty else {
      return [.init(subject: "reconcile", outcome: .done, text: "no sets are in doubt: nothing to do")]
    }
    var results: [DecisionResult] = []
    do {
      let search = try await search(for: sets.map(\.set), pages)
      for delivery in sets { results.append(try await settle(delivery, search, pages, dryRun)) }
    } catch let failure as JobPages.Failure {
      return results + [.init(subject: "reconcile", outcome: failure.outcome, text: failure.text)]
    }
    guard isOutdated else { return results }
    if dryRun {
      return results + [
        .init(
          subject: "journal", outcome: .done,
          text: "compared with the server's list; intake and deliveries would resume")
      ]
    }
    try await resume("the server's list of batches, \(person)")
    log.write(LogEvent(.journalReconciled, "intake and deliveries resume").with("by", person))
    return results + [
      .init(
        subject: "journal", outcome: .done,
        text: "compared with the server's list; intake and deliveries resume")
    ]
  }

  /// Only a list that was read to its end proves that something is not in it.
  private func search(for sets: [SetID], _ pages: JobPages) async throws(JobPages.Failure) -> BatchSearch {
    var search = BatchSearch(sets)
    _ = try await pages.list { row in
      search.take(row)
      return true
    }
    return search
  }

  private func settle(
    _ delivery: Delivery, _ search: BatchSearch, _ pages: JobPages, _ dryRun: Bool
  ) async throws -> DecisionResult {
    let set = delivery.set
    guard let row = search.row(of: delivery) else { return try await settleMissing(delivery, dryRun) }
    guard let batch = try await pages.batch(row.number).batch, row.isOf(set, batch) else {
      return .init(
        subject: set.text, outcome: .refused,
        text: "the server has a batch of this set (number \(row.number)), and its page has another identifier"
      )
    }
    let source = configuration.source(delivery.source)
    let isImport = delivery.lastDryRun != nil || source?.mode == .import
    let mode = row.state.mode ?? delivery.intendedMode ?? (isImport ? .import : .dryRun)
    let text = "the server has scheduled batch \(batch) of this set (\(row.state.rawValue)): "
    if dryRun {
      return .init(subject: set.text, outcome: .done, text: text + "it would be recorded as scheduled")
    }
    let thenApproval = mode == .dryRun && source?.mode.awaitsApproval == true && delivery.dryRunBatch == nil
    let url = configuration.server.url
    let isRecorded = try await recordIfPossible(
      .foundScheduled(batch: batch, server: url, mode: mode, thenApproval: thenApproval), set)
    guard isRecorded else { return Self.changed(set) }
    var job = OpenOutcome(set: set, batch: batch, server: url, mode: mode, scheduled: time.now)
    (job.number, job.newest, job.isFound) = (row.number, row.number, true)
    try await follow(job)
    return .init(
      subject: set.text, outcome: .done, text: text + "recorded as scheduled; its files go to the archive")
  }

  private func settleMissing(_ delivery: Delivery, _ dryRun: Bool) async throws -> DecisionResult {
    let set = delivery.set
    guard delivery.filedPlace != nil else {
      return .init(
        subject: set.text, outcome: .done,
        text: delivery.isQueued
          ? "the server has no scheduled batch of this set: it \(dryRun ? "would be" : "is") delivered"
          : "the server has no batch of this set but its dry run: it awaits approval")
    }
    if !dryRun {
      guard try await recordIfPossible(.foundUnscheduled, set) else { return Self.changed(set) }
    }
    return .init(
      subject: set.text, outcome: .done,
      text: "the server has no scheduled batch of this set: 'haplo-importd retry \(set)' "
        + (dryRun ? "would import it without --import-again" : "imports it"))
  }

  /// Somebody may have decided about the set since it was looked at.
  private func recordIfPossible(_ event: DeliveryEvent, _ set: SetID) async throws -> Bool {
    do {
      try await record(event, set)
      return true
    } catch JournalFailure.contradiction {
      return false
    }
  }

  private static func changed(_ set: SetID) -> DecisionResult {
    .init(subject: set.text, outcome: .refused, text: "the set has changed meanwhile; run 'reconcile' again")
  }
}

extension JobPages.Failure {
  fileprivate var outcome: DecisionResult.Outcome {
    if case .refused = self { .keyRefused } else { .serverUnavailable }
  }

  /// In words, with what to do.
  var text: String {
    switch self {
    case .refused(let refusal): "\(refusal.text); \(refusal.remedy)"
    case .noSuchBatch: "a batch of the server's list is not there any more; run 'reconcile' again"
    case .failed(let text): "the server's list of batches cannot be read now: \(text)"
    case .unexpected(let page): "the server's list of batches is not as this program knows it: \(page)"
    }
  }
}

/// Lets intake and deliveries go on after a journal was found to be older than the archive (`reconcile`), in the running daemon
/// or, while it is down, in the journal alone.
struct Reconciliation: Sendable {
  let journal: Journal
  let log: any Log
  /// Records the decision, and has the daemon act on it.
  let record: @Sendable (_ person: String) async throws -> Void

  /// Takes a person's word that what the journal takes for unscheduled is. The sets in `work/` that it did not know stay held.
  func assumeNew(by person: String) async throws -> [DecisionResult] {
    guard journal.outdated != nil else {
      try await journal.makeDurable()  // somebody else may have recorded it just now
      return [
        .init(subject: "journal", outcome: .done, text: "it is not older than the archive: nothing to do")
      ]
    }
    try await record(person)
    log.write(LogEvent(.journalReconciled, "intake and deliveries resume").with("by", person))
    return [
      .init(
        subject: "journal", outcome: .done,
        text: "intake and deliveries resume; sets that the journal does not know are held")
    ]
  }
}
