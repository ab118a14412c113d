import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let dryRun = CommandOption("dry-run", help: "says what would be removed, and removes nothing")
}

extension Subcommand {
  static let verify = Subcommand(
    name: "verify", summary: "compares the journal and every archived file with what was recorded of them",
    details: """
      Reads all of the archive at low priority; changes nothing, whether the daemon runs or
      not. Ends with 65 if anything is damaged. As a service of systemd it writes what it finds
      to the journal; haplo-importd-verify.timer has it done every month.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    BackgroundPriority.take()
    let report = VerificationReport(asJSON: invocation.has(.json))
    let summary: Verification.Summary
    do {
      summary = try Verification(configuration, fileSystem: FileSystem()).run { try report.tell($0) }
      try report.tell(summary)
    } catch let failure as Failure {
      throw failure
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .bug("\(error)")
    }
    return summary.damaged == 0 ? .done : .wrongData
  }

  static let prune = Subcommand(
    name: "prune", summary: "removes from the archive what its retention no longer keeps",
    details:
      "What is kept is said by ArchiveKeepSec= and ArchiveMaxSize= of each source. The daemon does the same every hour.",
    options: [.dryRun, .json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    let isDryRun = invocation.has(.dryRun)
    let pruned: [PrunedSet]
    do throws(SystemError) {
      pruned = try Pruning(configuration, fileSystem: FileSystem(), now: SystemTime().now).run(
        dryRun: isDryRun)
    } catch {
      throw .system(error)
    }
    for set in pruned {
      if invocation.has(.json) {
        try StandardOutput.writeJSON(set)
      } else {
        try StandardOutput.writeLine(
          "\(set.path): \(isDryRun ? "would be removed" : "removed"), \(set.size) bytes")
      }
    }
    return .done
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
        "\(LogEvent.escapingControls(damage.path)): error: \(LogEvent.escapingControls(damage.text))")
    }
    log.write(
      LogEvent(.archiveDamaged, "what is kept is not as it was recorded").with("set", damage.set).with(
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
