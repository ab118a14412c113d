import ImportCore
import ImportService

extension CommandOption {
  static let assumeNew = CommandOption(
    "assume-new", help: "treats every set that the journal takes for unscheduled as unscheduled")
}

extension Subcommand {
  static let reconcile = Subcommand(
    name: "reconcile", summary: "settles by the server's list of batches what is in doubt",
    details: """
      Needs the outcome key (OutcomeKeyFile=). Looks for each set that is held as possibly
      scheduled in the comments of the server's batches. A set that is there and was scheduled
      is recorded as scheduled and archived. A set that is not there can be retried without
      --import-again. --dry-run only reports.

      If the journal is older than the newest receipt in the archive, as after a restore from a
      backup, the daemon accepts and schedules nothing, because sets could be scheduled a second
      time. 'reconcile' then compares every set that the journal takes for unscheduled, and
      intake and deliveries resume.

      Without the outcome key, compare the server's list with the sets in work/, held/ and the
      drop directories, remove or reject those that were scheduled, then run 'haplo-importd
      reconcile --assume-new'. Sets in work/ that the journal does not know stay held.
      """,
    options: [.dryRun, .assumeNew, .json]
  ) { invocation throws(Failure) in
    let isDryRun = invocation.has(.dryRun)
    guard invocation.has(.assumeNew) else {
      if !invocation.mayReadOutcomes() {
        throw .usage(
          "'reconcile' needs OutcomeKeyFile= in [Server], or --assume-new", subcommand: "reconcile")
      }
      return try await perform(
        [.compareWithServer(dryRun: isDryRun)], invocation, try DaemonQuery(invocation))
    }
    if isDryRun { throw .usage("--dry-run and --assume-new exclude each other", subcommand: "reconcile") }
    return try await perform([.reconcile(assumeNew: true)], invocation, try DaemonQuery(invocation))
  }
}
