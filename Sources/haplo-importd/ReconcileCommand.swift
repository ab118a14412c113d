import ImportCore
import ImportService

extension CommandOption {
  static let assumeNew = CommandOption(
    "assume-new", help: "treats every set that the journal takes for unscheduled as unscheduled")
}

extension Subcommand {
  static let reconcile = Subcommand(
    name: "reconcile", summary: "resumes imports after an old journal was restored from a backup",
    details: """
      If the journal is older than the newest receipt in the archive, the daemon accepts and
      schedules nothing, because sets could be scheduled a second time. Compare the server's
      list of batch import jobs with the sets in work/, held/ and the drop directories, remove
      or reject those that were scheduled, then run 'haplo-importd reconcile --assume-new'.
      Sets in work/ that the journal does not know stay held.
      """,
    options: [.assumeNew, .json]
  ) { invocation throws(Failure) in
    guard invocation.has(.assumeNew) else {
      throw .usage("'reconcile' needs --assume-new", subcommand: "reconcile")
    }
    return try await perform([.reconcile(assumeNew: true)], invocation, try DaemonQuery(invocation))
  }
}
