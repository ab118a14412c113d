import ImportCore
import ImportRuntime
import ImportStorage

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
