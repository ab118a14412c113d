import ImportRuntime
import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let dryRun = CommandOption("dry-run", help: "show what would be deleted")
}

extension Subcommand {
  static let verify = Subcommand(
    name: "verify", summary: "verifies journal, stored sets and archive against recorded checksums",
    details: """
      Reads the whole archive at low priority and changes nothing, whether the daemon runs or
      not. Also reports sets whose folder is gone. Exit status 65 if anything is damaged. As a
      systemd service, 'verify' logs what it finds to the journal; haplo-importd-verify.timer
      runs it every month.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    try configuration.daemon.assumeOwner()
    BackgroundPriority.take()
    let report = VerificationReport(asJSON: invocation.has(.json))
    let summary = try onDisk(invocation) {
      let summary = try Verification(configuration, fileSystem: FileSystem()).run { try report.tell($0) }
      try report.tell(summary)
      return summary
    }
    return summary.damaged == 0 ? .done : .wrongData
  }

  static let prune = Subcommand(
    name: "prune", summary: "deletes archived sets that exceed the retention policy",
    details: """
      ArchiveKeepSec=, ArchiveMaxSize= and ArchiveFilesKeepSec= of each source are the policy.
      The daemon applies it every hour, and RejectedKeepSec=. Prints each set, and a total at
      the end.
      """,
    options: [.dryRun, .json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    try configuration.daemon.assumeOwner()
    let isDryRun = invocation.has(.dryRun)
    var (sets, bytes): (Int, Int64) = (0, 0)
    var hasObstacle = false
    try onDisk(invocation) {
      try Pruning(configuration, fileSystem: FileSystem(), now: SystemTime().now).run(dryRun: isDryRun) {
        obstacle in
        hasObstacle = true
        StandardError.writeLine(
          "\(Program.name): \(PrintableText.escaping("\(obstacle.path): not deleted: \(obstacle.reason)"))")
      } found: { set in
        sets += 1
        bytes = bytes.addingReportingOverflow(set.size).partialValue
        if invocation.has(.json) { return try StandardOutput.writeJSON(set) }
        try StandardOutput.writeLine(
          "\(set.path): \(isDryRun ? "would be deleted" : "deleted"), \(set.size) bytes")
      }
    }
    if !invocation.has(.json) {
      try StandardOutput.writeLine(
        "\(isDryRun ? "would delete" : "deleted") \(sets) \(sets == 1 ? "set" : "sets"), \(bytes) bytes")
    }
    return hasObstacle ? .inputOutput : .done
  }

  /// Works on the disk, with failures of the one kind that commands have.
  private static func onDisk<Value>(_ invocation: Invocation, _ body: () throws -> Value) throws(Failure)
    -> Value
  {
    do {
      return try body()
    } catch let failure as Failure {
      throw failure
    } catch let error as SystemError {
      throw error.isPermission ? .forbidden(error, command: invocation.command) : .system(error)
    } catch {
      throw .bug("\(error)")
    }
  }
}

/// Tells what `verify` finds: to the journal where a service's standard error goes there, so that every damage is found
/// by its MESSAGE_ID and the set; else on standard output.
struct VerificationReport {
  private let asJSON: Bool
  private let log: (any Log)?

  init(asJSON: Bool) {
    self.asJSON = asJSON
    log = SystemJournal.hasStandardError && !asJSON ? JournalLog(level: .information) : nil
  }

  func tell(_ damage: Damage) throws(Failure) {
    if asJSON { return try StandardOutput.writeJSON(damage) }
    guard let log else {
      return try StandardOutput.writeLine(
        PrintableText.escaping("\(damage.path): error: \(damage.text)"))
    }
    log.write(
      LogEvent(.archiveDamaged, "archive verification failed").with("set", damage.set).with(
        "source", damage.set?.source
      )
      .with("path", damage.path).with("reason", damage.text))
  }

  func tell(_ summary: Verification.Summary) throws(Failure) {
    if asJSON { return try StandardOutput.writeJSON(summary) }
    let text =
      "verified \(summary.sets) sets, \(summary.files) files, \(summary.bytes) bytes and \(summary.records) records of "
      + "the journal: \(summary.damaged == 0 ? "all as recorded" : "\(summary.damaged) damaged")"
    guard let log else { return try StandardOutput.writeLine(text) }
    log.write(LogEvent(.archiveVerified, text, priority: summary.damaged == 0 ? nil : .error))
  }
}
