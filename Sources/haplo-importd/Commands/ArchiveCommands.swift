import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

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

  /// Works on the disk, with failures of the one kind that commands have.
  static func onDisk<Value>(_ invocation: Invocation, _ body: () throws -> Value) throws(Failure)
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
private struct VerificationReport {
  private let asJSON: Bool
  private let log: (any Log)?

  init(asJSON: Bool) {
    self.asJSON = asJSON
    log = SystemJournal.hasStandardError && !asJSON ? JournalLog(level: .information) : nil
  }

  func tell(_ damage: Damage) throws(Failure) {
    if asJSON { return try StandardOutput.writeJSON(damage) }
    guard let log else {
      return try StandardOutput.writeLine(PrintableText.escaping("\(damage.path): error: \(damage.text)"))
    }
    log.write(
      LogEvent(.archiveDamaged, "archive verification failed").with("set", damage.set)
        .with("source", damage.set?.source)
        .with("path", damage.path).with("reason", damage.text))
  }

  private func counted(_ number: some BinaryInteger, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }

  func tell(_ summary: Verification.Summary) throws(Failure) {
    if asJSON { return try StandardOutput.writeJSON(summary) }
    let text =
      "verified \(counted(summary.sets, "set")), \(counted(summary.files, "file")), "
      + "\(counted(summary.bytes, "byte")) and \(counted(summary.records, "record")) of the journal: \(summary.damaged == 0 ? "all as recorded" : "\(summary.damaged) damaged")"
    guard let log else { return try StandardOutput.writeLine(text) }
    log.write(LogEvent(.archiveVerified, text, priority: summary.damaged == 0 ? nil : .error))
  }
}
