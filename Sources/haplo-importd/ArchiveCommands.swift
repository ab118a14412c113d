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
      not. Ends with 65 if anything is damaged.
      """,
    options: [.json]
  ) { invocation throws(Failure) in
    let configuration = try invocation.loadConfiguration()
    BackgroundPriority.take()
    let summary: Verification.Summary
    do {
      summary = try Verification(configuration, fileSystem: FileSystem()).run { damage in
        if invocation.has(.json) {
          try StandardOutput.writeJSON(damage)
        } else {
          try StandardOutput.writeLine(
            "\(LogEvent.escapingControls(damage.path)): error: \(LogEvent.escapingControls(damage.text))")
        }
      }
    } catch let failure as Failure {
      throw failure
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .bug("\(error)")
    }
    if invocation.has(.json) {
      try StandardOutput.writeJSON(summary)
    } else {
      try StandardOutput.writeLine(
        "verified \(summary.sets) sets, \(summary.files) files, \(summary.bytes) bytes and \(summary.records) records of "
          + "the journal: \(summary.damaged == 0 ? "all as recorded" : "\(summary.damaged) damaged")")
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
