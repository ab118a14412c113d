import ImportCore
import ImportService

extension CommandOption {
  static let assumeNew = CommandOption(
    "assume-new", help: "accept that every set that the journal lists as unscheduled is unscheduled")
  fileprivate static let reportOnly = CommandOption(
    dryRun.name, help: "report the results and change nothing")
}

extension Subcommand {
  static let reconcile = Subcommand(
    name: "reconcile", summary: "settles sets in doubt by the server's list of batches",
    details: """
      Needs the outcome key (OutcomeKeyFile=). Searches the comments of the server's batches
      for each set that is held as possibly scheduled. If the list has a scheduled batch of the
      set, the set is recorded as scheduled and archived. If it has none, the set can be
      retried without --import-again. --dry-run only reports.

      If the journal is older than the newest receipt in the archive, as after a restore from a
      backup, the daemon accepts and schedules nothing, because sets could be scheduled a second
      time. 'reconcile' then compares every set that the journal lists as unscheduled, and
      intake and deliveries resume.

      While the daemon is down, 'reconcile' compares every set that the journal lists as
      unscheduled or awaiting approval. Run it before the daemon starts after spool and
      journal were both restored, as with a snapshot of the machine: sets that were
      scheduled since would be scheduled a second time.

      Without the outcome key, compare the server's list with the sets in work/, held/ and the
      drop directories, remove or reject those that were scheduled, then run 'haplo-importd
      reconcile --assume-new'. Sets in work/ that the journal does not know stay held.
      """,
    options: [.reportOnly, .assumeNew, .json]
  ) { invocation throws(Failure) in
    let isDryRun = invocation.has(.dryRun)
    guard invocation.has(.assumeNew) else {
      if !invocation.mayReadOutcomes() {
        throw .notConfigured(
          "'reconcile' needs OutcomeKeyFile= in [Server], by which the server's list is read, or --assume-new; see "
            + "'haplo-importd help reconcile'")
      }
      return try await perform(
        [.compareWithServer(dryRun: isDryRun)], invocation, try DaemonQuery(invocation))
    }
    if isDryRun { throw .usage("--dry-run and --assume-new exclude each other", subcommand: "reconcile") }
    return try await perform([.reconcile(assumeNew: true)], invocation, try DaemonQuery(invocation))
  }
}
