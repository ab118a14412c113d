import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension CommandOption {
  static let dryRun = CommandOption("dry-run", help: "show what would be deleted")
}

extension Subcommand {
  static let prune = Subcommand(
    name: "prune", summary: "deletes sets and result files that exceed the retention policy",
    details: """
      ArchiveKeepSec=, ArchiveMaxSize=, ArchiveFilesKeepSec= and RejectedKeepSec= of each
      source are the policy, which the daemon applies every hour. Expired rejected sets are
      discarded, by the daemon if it runs. Prints each set and result file, and a total at
      the end. --json prints the sets only.
      """,
    options: [.dryRun, .json]
  ) { invocation throws(Failure) in
    let query = try DaemonQuery(invocation)
    let configuration = try query.configuration
    var report = PruneReport(isDryRun: invocation.has(.dryRun), asJSON: invocation.has(.json))
    // First, while this is the user who called: the journal records who discards a set.
    try await discardExpired(invocation, query, configuration, &report)
    try configuration.daemon.assumeOwner()
    try onDisk(invocation) {
      try Pruning(configuration, fileSystem: FileSystem(), now: SystemTime().now)
        .run(dryRun: report.isDryRun) { obstacle in
          report.tellObstacle(obstacle.path, "\(obstacle.reason)")
        } found: { set in
          try report.tell(set)
        } result: { result in
          try report.tell(result)
        }
    }
    try report.tellTotal()
    return report.hasObstacle ? .inputOutput : .done
  }

  /// Number of sets that one request discards: each may wait for the end of a call to the server.
  private static let batch = 20

  private static func discardExpired(
    _ invocation: Invocation, _ query: DaemonQuery, _ configuration: Configuration,
    _ report: inout PruneReport
  ) async throws(Failure) {
    let expired = try query.onDisk { () throws(SpoolReports.Failure) in
      try ExpiredRejections(configuration, fileSystem: FileSystem(), now: SystemTime().now).find()
    }
    if report.isDryRun {
      for set in expired { try report.tell(set) }
      return
    }
    for start in stride(from: 0, to: expired.count, by: batch) {
      let sets = expired[start..<min(start + batch, expired.count)]
      let results = try await results(of: .decide(.discard, sets: sets.map(\.set.text)), invocation, query)
      for (set, result) in zip(sets, results) {
        if result.outcome == .done {
          try report.tell(set)
        } else {
          report.tellObstacle(set.path, result.text)
        }
      }
    }
  }
}

/// Prints what `prune` deletes, or would delete, and counts it.
private struct PruneReport {
  let isDryRun: Bool
  private let asJSON: Bool
  private(set) var hasObstacle = false
  private var counts: [PrunedSet.Part: Int] = [:]
  private var results = 0
  private var bytes: Int64 = 0

  init(isDryRun: Bool, asJSON: Bool) {
    self.isDryRun = isDryRun
    self.asJSON = asJSON
  }

  mutating func tellObstacle(_ path: String, _ reason: String) {
    hasObstacle = true
    StandardError.writeLine("\(Program.name): \(PrintableText.escaping("\(path): not deleted: \(reason)"))")
  }

  mutating func tell(_ set: PrunedSet) throws(Failure) {
    counts[set.part, default: 0] += 1
    bytes = bytes.addingSaturated(set.size)
    if asJSON { return try StandardOutput.writeJSON(set) }
    let verb =
      switch set.part {
      case .set: isDryRun ? "would be deleted" : "deleted"
      case .files: isDryRun ? "files would be deleted" : "files deleted"
      case .rejected: isDryRun ? "would be discarded" : "discarded"
      }
    try StandardOutput.writeLine("\(set.path): \(verb), \(Self.counted(set.size, "byte"))")
  }

  mutating func tell(_ result: PrunedResult) throws(Failure) {
    results += 1
    bytes = bytes.addingSaturated(result.size)
    if asJSON { return }
    try StandardOutput.writeLine(
      "\(PrintableText.escaping(result.path)): \(isDryRun ? "would be deleted" : "deleted"), "
        + Self.counted(result.size, "byte"))
  }

  /// Counts of zero are left out, but for the sets and the bytes.
  func tellTotal() throws(Failure) {
    if asJSON { return }
    var parts = [Self.counted((counts[.set] ?? 0) + (counts[.rejected] ?? 0), "set")]
    if let files = counts[.files] { parts.append("the files of \(Self.counted(files, "set"))") }
    if results > 0 { parts.append(Self.counted(results, "result file")) }
    parts.append(Self.counted(bytes, "byte"))
    try StandardOutput.writeLine("\(isDryRun ? "would delete" : "deleted") \(parts.joined(separator: ", "))")
  }

  private static func counted(_ number: some BinaryInteger, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }
}
